# SPDX-License-Identifier: MIT
"""What is attached to a site, read from a guest's memory: its record, the set that it names, and
the instructions that are there."""
import bisect

DISABLED, ENABLED, SET_MASK = 1 << 25, 1 << 31, 0x7ffff
I386_NOPS = {'0f1f440000': 'nop'}
ARM64_NOP, ARM64_MOV, ARM64_BTI = 0xd503201f, 0xaa1e03e9, 0xd503245f


class NoSite(Exception):
    """The text says why there is nothing to tell."""


def address_of(memory, name):
    """Returns the address of a function of the image or of a module."""
    found = [at for at, _, known in memory.functions if known == name]
    found += [at for at, known, _ in memory.symbols_in_ranges() if known == name]
    if not found:
        raise NoSite('there is no function ' + name)
    return found[0]


def _group_of(memory, groups, ip):
    """Returns (address of the record, module's name or None) of the site that belongs to a
    function."""
    text, step = memory.address('_text'), memory.size('dyn_ftrace')
    for group in groups:
        recs, nr, module = (memory.field(group, 'ftrace_group', name)
                            for name in ('recs', 'nr', 'module'))
        data = memory.read(recs, nr * step) if nr else b''
        ips = [text + int.from_bytes(data[i:i + 4], 'little', signed=True)
               for i in range(0, len(data), step)]
        # A site is not always the very first instruction.
        i = bisect.bisect_left(ips, ip)
        if i < len(ips) and ips[i] < ip + 16:
            return ips[i], recs + i * step, module and memory.text(module)
    raise NoSite('it has no site: it is not traced')


def decoded(memory, ip):
    """Yields lines about the instructions at a site."""
    if memory.arch == 'i386':
        data = memory.read(ip, 5)
        words = I386_NOPS.get(data.hex(), '?')
        if data[0] in (0xe8, 0xe9):
            target = ip + 5 + int.from_bytes(data[1:], 'little', signed=True) & 0xffffffff
            words = '%s %s' % ('call' if data[0] == 0xe8 else 'jmp', memory.name(target))
        yield '%s: %s  %s' % (memory.name(ip), data.hex(' '), words)
        return
    for at in ip, ip + 4:
        code = memory.number(at, 4)
        words = {ARM64_NOP: 'nop', ARM64_MOV: 'mov x9, x30', ARM64_BTI: 'bti c'}.get(code, '?')
        if code >> 26 in (0x25, 0x05):
            offset = code & 0x3ffffff
            offset -= (offset >> 25) << 26
            words = '%s %s' % ('bl' if code >> 26 == 0x25 else 'b', memory.name(at + 4 * offset))
        yield '%s: %08x  %s' % (memory.name(at), code, words)


def lines(memory, name):
    """Yields lines about the site of a function."""
    ip, record, module = _group_of(memory, memory.linked('ftrace_groups', 'ftrace_group'),
                                   address_of(memory, name))
    flags = memory.field(record, 'dyn_ftrace', 'flags')
    index = flags & SET_MASK
    yield '%s%s: %s' % (name, ' [%s]' % module if module else '', 'disabled' if flags & DISABLED
                        else 'calls what is attached' if flags & ENABLED else
                        'nothing is attached' if not index else 'attached, but switched off')
    yield from ('  ' + line for line in decoded(memory, ip))
    if not index:
        return
    slot = memory.variable('set_slots') + index * memory.size('set_slot')
    at = memory.field(slot, 'set_slot', 'set')

    def get(member):
        return memory.field(at, 'ftrace_set', member)
    yield '  callbacks: %d%s' % (get('nr_calls'), ', direct call: ' + memory.name(get('direct'))
                                 if get('direct') else '')
    for i in range(get('nr_calls')):
        ops = memory.number(get('ops') + i * memory.word)
        yield '    %s, flags 0x%x' % (
            memory.name(memory.field(ops, 'ftrace_ops', 'func')),
            memory.field(ops, 'ftrace_ops', 'flags'))
