# SPDX-License-Identifier: MIT
"""Writes a table of bytes as assembly, for the image's second link."""


def assembly(data, maker, section, symbol):
    text = ['/* Made by tools/%s. */' % maker, '\t.section %s, "a"' % section, '\t.balign 4',
            '\t.globl ' + symbol, symbol + ':']
    text += ['\t.byte ' + ', '.join(map(str, data[at:at + 32])) for at in range(0, len(data), 32)]
    return '\n'.join(text + ['\t.section .note.GNU-stack, "", %progbits']) + '\n'
