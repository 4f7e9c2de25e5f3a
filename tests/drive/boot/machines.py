#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots machines other than the usual one: chipsets, processors, interrupt controllers, exception
levels, memory sizes, tables that tell of CPUs wrongly. On each a trace and a suite of tests must
work, or the kernel must say why it cannot run there. Or a matrix of memory sizes, processors, their
number and boards, on which many suites run in one boot; MACHINES=all makes it large. Prints TAP.

usage: machines.py ARCH BUILD_DIRECTORY [matrix]"""
import json
import os
import re
import struct
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import grub
import qemu
import streams
from tap import Tap

SCRIPT = 'trace record -p function -l vfs_read cat /proc/cmdline\nktest sched\n'
# Suites for which memory, processors and their number may make a difference. They run in one boot,
# so that each finds what those before it have left. With little memory, those that need more are
# left out.
SUITES = ['smp', 'sched', 'direct_share', 'mm', 'modules']
SMALL, SMALL_SUITES = 32, SUITES[:3]		# MiB
SMALL_SCRIPT = SCRIPT.replace('record', 'record -b 256')	# KiB a CPU; 1408 otherwise

TIMEOUT = 120		# seconds
# Where QEMU's arm64 machine has the kernel, and memory that nothing else uses.
KERNEL_PA, START_PA, TREE_PA = 0x40200000, 0x4e000000, 0x4e200000
RELEASE_PA = START_PA + 0x30


# ldr x0, tree; ldr x4, kernel; br x4; nop; tree: .quad; kernel: .quad
START = struct.pack('<4I2Q', 0x58000080, 0x580000a4, 0xd61f0080, 0xd503201f, TREE_PA, KERNEL_PA)
# The same, after a 16550 on the PCI bus, device 1 at this place, has been given its registers in
# the window for I/O ports, which the processor has in memory:
#       ldr x1, device; mov w2, #0x1000; str w2, [x1, #0x10]; mov w2, #1; str w2, [x1, #4]
#       ldr x0, tree; ldr x4, kernel; br x4
# device: .quad; tree: .quad; kernel: .quad
START_16550 = struct.pack('<8I3Q', 0x58000101, 0x52820002, 0xb9001022, 0x52800022, 0xb9000422,
                          0x580000a0, 0x580000c4, 0xd61f0080, 0x3f008000, TREE_PA, KERNEL_PA)
# For i386, a loader between QEMU's and the kernel: it has a head of Multiboot (flags: modules on
# page boundaries, memory, and five addresses of itself), and moves the first module up:
#       mov 24(%ebx), %ecx; mov (%ecx), %esi; mov 4(%ecx), %edx; sub %esi, %edx; mov %eax, %ebp
#       mov $HIGH_PA, %edi; mov %edi, (%ecx); lea (%edi,%edx), %eax; mov %eax, 4(%ecx)
#       mov %edx, %ecx; rep movsb; mov %ebp, %eax; mov $kernel, %ecx; jmp *%ecx
LOADER_PA, HIGH_PA = 0x2000000, 0x38000ff0
LOADER_HEAD = struct.pack('<8I', 0x1badb002, 0x10003, -(0x1badb002 + 0x10003) & 0xffffffff,
                          LOADER_PA, LOADER_PA, 0, 0, LOADER_PA + 32)
LOADER = LOADER_HEAD + bytes.fromhex(
    '8b4b18 8b31 8b5104 29f2 89c5 bf%s 8939 8d0417 894104 89d1 f3a4 89e8 b9'
    % struct.pack('<I', HIGH_PA).hex()) + b'%s\xff\xe1'
UART_PA, UART_SPI = 0x3eff1000, 4
# The same, after PSCI has sent CPU 1 to a place where it waits as firmware of a board lets it wait:
#       ldr x0, cpu_on; mov x1, #1; adr x2, wait; mov x3, #0; hvc #0
#       ldr x0, tree; ldr x4, kernel; br x4
# wait: wfe; ldr x4, release; cbz x4, wait; br x4
# release: .quad 0; cpu_on: .quad; tree: .quad; kernel: .quad
START_TWO = struct.pack('<12I4Q', 0x580001c0, 0xd2800021, 0x100000c2, 0xd2800003, 0xd4000002,
                        0x58000160, 0x58000184, 0xd61f0080,
                        0xd503205f, 0x58000064, 0xb4ffffc4, 0xd61f0080,
                        0, 0xc4000003, TREE_PA, KERNEL_PA)


class Kind:
    """A machine: QEMU's options, its memory, and words for the kernel's command line; what the log
    says if the kernel cannot run on it (refusal), or otherwise what it says (says) and on how many
    CPUs it runs. `dtb` changes the device tree that QEMU makes for it; `madt` is the table of CPUs
    that GRUB passes instead of the machine's. `console` is QEMU's device that is the console
    instead of the usual one; then the script is typed there. With `high` the loader puts the
    script above what an i386 kernel has mapped."""

    def __init__(self, name, *options, mem='256', cmdline='', refusal=None, says=None, cpus=None,
                 dtb=None, madt=None, script=SCRIPT, console=None, high=False):
        self.name, self.options, self.mem, self.cmdline = name, list(options), mem, cmdline
        self.refusal, self.says, self.cpus = refusal, says, cpus
        self.dtb, self.madt, self.script, self.console = dtb, madt, script, console
        self.high = high


class OtherConsole(qemu.Machine):
    """A machine on which another device than the usual one is the console."""
    device = None

    def command(self):
        words = super().command()
        at = words.index('-serial')
        return words[:at] + ['-chardev', 'stdio,id=other,signal=off', '-device',
                             self.device + ',chardev=other'] + words[at + 2:]


def madt(*apic_ids, cut=0, lapic=0xfee00000):
    """Returns a table of CPUs with these (ACPI 6.4, section 5.2.12), without its last bytes, and
    with the registers of their local APICs at `lapic`."""
    body = struct.pack('<II', lapic, 1)
    for number, apic_id in enumerate(apic_ids):
        body += struct.pack('<BBBBI', 0, 8, number, apic_id, 1)
    body = body[:len(body) - cut]
    table = bytearray(struct.pack('<4sIBB6s8sI4sI', b'APIC', 36 + len(body), 3, 0, b'PATCHB',
                                  b'MACHINES', 1, b'TEST', 1) + body)
    table[9] = -sum(table) & 0xff
    return bytes(table)


def without_psci(tree):
    """Changes the tree so that it offers no PSCI that the kernel knows."""
    return tree.replace(b'arm,psci', b'arm,none')


def second_cpu_elsewhere(tree):
    """Changes the tree so that CPU 1 has the number 0x10300, which does not exist."""
    at = tree.index(b'cpu@1\0\0\0')
    reg = struct.pack('>I', 1)
    while tree[at:at + 8] != struct.pack('>II', 3, 4) or tree[at + 12:at + 16] != reg:
        at += 4
    return tree[:at + 12] + struct.pack('>I', 0x10300) + tree[at + 16:]


def with_properties(tree, node, properties, reserved=()):
    """Returns the tree with properties, before those that are there, in every node whose name
    begins so, and with ranges in its list of reserved memory."""
    struct_at, strings_at = struct.unpack_from('>II', tree, 8)
    strings_size, struct_size = struct.unpack_from('>II', tree, 32)
    strings, added = tree[strings_at:strings_at + strings_size], b''
    for name, value in properties.items():
        added += struct.pack('>III', 3, len(value), len(strings)) + value + bytes(-len(value) % 4)
        strings += name + b'\0'
    body, at = tree[struct_at:struct_at + struct_size], 0
    while (at := body.find(b'\0\0\0\1' + node, at)) >= 0:
        at = (body.index(b'\0', at + 4) + 4) & ~3
        body = body[:at] + added + body[at:]
    ranges = b''.join(struct.pack('>2Q', *r) for r in (*reserved, (0, 0)))
    sizes = 40 + len(ranges), len(body), len(strings)
    return struct.pack('>10I', 0xd00dfeed, sum(sizes), sizes[0], sizes[0] + sizes[1], 40, 17, 16, 0,
                       sizes[2], sizes[1]) + ranges + body + strings


def spin_table(tree):
    """Changes the tree so that CPU 1 waits for its address at RELEASE_PA, in memory that nobody
    else may have."""
    return without_psci(with_properties(tree, b'cpu@1', {
        b'enable-method': b'spin-table\0', b'cpu-release-addr': struct.pack('>Q', RELEASE_PA),
    }, [(START_PA, 4096)]))


def other_uart(tree):
    """Changes the tree so that the UART is a 16550, where START_16550 puts one."""
    return with_properties(tree, b'pl011@', {
        b'compatible': b'ns16550a\0', b'reg': struct.pack('>2Q', UART_PA, 8),
        b'interrupts': struct.pack('>3I', 0, UART_SPI, 4),
    })


def no_cpus(tree):
    return tree.replace(b'cpu@', b'xyz@').replace(b'cpu\0', b'xyz\0')


def property_at(tree, name):
    """Returns where the tree has the value of this property, a number, and its length."""
    strings = struct.unpack_from('>I', tree, 12)[0]
    offset = tree.index(name + b'\0', strings) - strings
    for size in (4, 8):
        at = tree.find(struct.pack('>III', 3, size, offset))
        if at >= 0:
            return at + 12, size
    raise ValueError('no %r in the device tree' % name)


def initrd_over_the_kernel(tree):
    start, size = property_at(tree, b'linux,initrd-start')
    return tree[:start] + (KERNEL_PA + 0x1000).to_bytes(size, 'big') + tree[start + size:]


def no_memory(tree):
    return tree.replace(b'memory\0', b'nonono\0')


def memory_at_the_end_of_addresses(tree):
    """Changes the second of two ranges: its start, rounded up to a page, is 0, and so it has all
    addresses."""
    return tree.replace(struct.pack('>2Q', 0x4c000000, 64 << 20),
                        struct.pack('>2Q', 2 ** 64 - 0xfff, 16))


def all_is_reserved(tree):
    """Adds a list of reserved ranges with one range, which is everything."""
    ranges = struct.pack('>4Q', 0, 2 ** 64 - 1, 0, 0)
    tree = tree + b'\0' * (-len(tree) % 8)
    head = struct.pack('>5I', 0xd00dfeed, len(tree) + len(ranges),
                       *struct.unpack_from('>2I', tree, 8), len(tree))
    return head + tree[20:] + ranges


NR_CPUS = [
    Kind('nr_cpus=2', '-smp', '3', cmdline='nr_cpus=2', says='2 of 3 CPUs will be used', cpus=2),
    Kind('nr_cpus=0', '-smp', '2', cmdline='nr_cpus=0', cpus=2,
         says='nr_cpus=0 is not a number from 1 to'),
    Kind('nr_cpus=99', '-smp', '2', cmdline='nr_cpus=99', cpus=2, says='this kernel has room for'),
    Kind('nr_cpus=x', '-smp', '2', cmdline='nr_cpus=x', cpus=2,
         says='nr_cpus=x is not a number from 1 to'),
]
MACHINES = {
    'i386': [
        Kind('q35', '-M', 'q35'),
        Kind('no NX', '-cpu', 'max,-nx'),
        Kind('pentium2', '-cpu', 'pentium2'),
        Kind('486', '-cpu', '486', refusal='cannot run'),
        Kind('two processors', '-smp', '2', cpus=2),
        Kind('eight processors', '-smp', '8'),
        Kind('more processors than there is room for', '-smp', '10',
             says='8 of 10 CPUs will be used'),
        Kind('no ACPI, four processors', '-M', 'pc,acpi=off', '-smp', '4', cpus=1,
             says='no ACPI tables: one CPU will be used'),
        Kind('no local APIC', '-cpu', 'max,-apic', says='has no local APIC', cpus=1),
        Kind('no MADT', '-smp', '2', madt=b'', cpus=1,
             says='ACPI has no (valid) table of CPUs (MADT): one CPU will be used'),
        Kind('a MADT that is cut off', '-smp', '2', madt=madt(0, 1, cut=3), cpus=1,
             says='the table of CPUs (MADT) is malformed: one CPU will be used'),
        Kind('an empty MADT', '-smp', '2', madt=madt(), cpus=1, says='(MADT) lists none'),
        Kind('a MADT without the running CPU', '-smp', '2', madt=madt(1, 3), cpus=1,
             says='does not list the running CPU'),
        Kind('a MADT with CPUs that are not there', '-smp', '2', madt=madt(0, 5, 1, 6), cpus=2,
             says='does not come up'),
        Kind('a MADT with the CPU that is all CPUs', '-smp', '2', madt=madt(0, 255, 1), cpus=2),
        Kind('a MADT with the local APIC in the kernel', '-smp', '2', cpus=1,
             madt=madt(0, 1, lapic=0x101000), says='has the local APIC where it is not'),
        Kind('2 MiB', mem='2', refusal='too little memory: '),
        Kind('16 MiB', mem='16'),
        Kind('1 GiB', mem='1024'),
        Kind('5 GB', mem='5000'),
        Kind('a boot module above 768 MiB', mem='1024', high=True),
    ] + NR_CPUS,
    'arm64': [
        Kind('GICv3', '-machine', 'gic-version=3'),
        Kind('EL2', '-machine', 'virtualization=on'),
        # The processor's identification says GICv3, but the board has another GIC, so those
        # registers do not exist.
        Kind('EL2 of an A64FX and GICv2', '-machine', 'virtualization=on', '-cpu', 'a64fx'),
        Kind('EL2 and GICv3', '-machine', 'virtualization=on,gic-version=3'),
        Kind('EL3 beside it', '-machine', 'secure=on'),
        Kind('cortex-a53', '-cpu', 'cortex-a53'),
        Kind('cortex-a76', '-cpu', 'cortex-a76'),
        Kind('two processors', '-smp', '2', cpus=2),
        Kind('four processors, EL2', '-smp', '4', '-machine', 'virtualization=on'),
        Kind('eight processors, GICv3', '-smp', '8', '-machine', 'gic-version=3'),
        Kind('more processors than there is room for', '-smp', '10', '-machine', 'gic-version=3',
             says='than there is room for'),
        Kind('no PSCI', '-smp', '2', dtb=without_psci, cpus=1,
             says='the device tree has no PSCI, which starts CPUs: one CPU will be used'),
        Kind('a spin table', '-smp', '2', dtb=spin_table, cpus=2),
        Kind('a 16550', '-machine', 'highmem=off', dtb=other_uart, console='pci-serial,addr=1',
             says='console: 16550 at 0x3eff1000, by the device tree'),
        Kind('a processor that is not there', '-smp', '3', dtb=second_cpu_elsewhere, cpus=2,
             says='does not come up'),
        Kind('a device tree without CPUs', '-smp', '2', dtb=no_cpus, cpus=1,
             says='the device tree lists no CPUs: one CPU will be used'),
        Kind('a device tree without memory', dtb=no_memory,
             refusal='device tree: no memory: 64 MiB are assumed'),
        Kind('an initrd over the kernel', dtb=initrd_over_the_kernel,
             refusal='the initrd lies over the kernel: not used'),
        Kind('memory at the end of the addresses',
             '-object', 'memory-backend-ram,id=a,size=192M', '-numa', 'node,memdev=a',
             '-object', 'memory-backend-ram,id=b,size=64M', '-numa', 'node,memdev=b',
             dtb=memory_at_the_end_of_addresses,
             says='a memory range is not there, or overlaps: not used'),
        Kind('all memory reserved', dtb=all_is_reserved,
             says='memory: all of it is said to be reserved'),
        Kind('32 MiB', mem='32'),
        Kind('1 GiB', mem='1024'),
        Kind('5 GB', mem='5000'),
    ] + NR_CPUS,
}


# Memory in MiB, processors, their number, and machines: each boot of the matrix takes one of each.
# QEMU puts arm64's device tree behind the image with the tests, on the next 2 MiB: 6 are too few.
SMALLEST = {'i386': 6, 'arm64': 8}
MEMORY = [8, 16, 24, 64, 96, 128, 512, 3072]
PROCESSORS = {
    'i386': ['qemu32', 'pentium2', 'pentium3', 'coreduo', 'n270', 'Nehalem', 'EPYC'],
    'arm64': ['cortex-a53', 'cortex-a57', 'cortex-a72', 'cortex-a76', 'neoverse-n1', 'a64fx',
              'max'],
}
NUMBERS = [2, 4, 1]
BOARDS = {
    'i386': ['pc', 'q35', 'microvm'],
    'arm64': ['gic-version=3', 'gic-version=2', 'secure=on', 'virtualization=on,gic-version=3',
              'virtualization=on'],
}


def matrix(arch, everything):
    """Yields boots in which every value of each factor occurs; or, with `everything`, each memory
    size with each processor, while the other factors take turns."""
    models, boards = PROCESSORS[arch], BOARDS[arch]
    sizes = [SMALLEST[arch]] + MEMORY
    pairs = [(mem, model) for mem in sizes for model in models]
    if not everything:
        pairs = [(mem, models[i % len(models)]) for i, mem in enumerate(sizes)]
    for i, (mem, model) in enumerate(pairs):
        board, smp = boards[i % len(boards)], NUMBERS[i // 2 % len(NUMBERS)]
        script, suites = (SMALL_SCRIPT, SMALL_SUITES) if mem < SMALL else (SCRIPT, SUITES)
        yield Kind('%d MiB, %s, %s, %d CPUs' % (mem, model, board, smp), '-cpu', model, '-machine',
                   board, '-smp', str(smp), mem=str(mem), script=script +
                   ''.join('ktest %s\n' % suite for suite in suites))


def edited_tree(machine, change):
    """Lets QEMU write the device tree of this machine to a file. Returns options that boot with a
    changed one. They do not use -dtb, because QEMU would put its own PSCI node into that tree: the
    boot CPU begins with instructions that pass our tree to the kernel."""
    path = os.path.join(machine.dir, 'machine.dtb')
    command = [qemu.EMULATOR[machine.arch], '-display', 'none', *machine.options, *machine.extra,
               '-machine', 'dumpdtb=' + path]
    subprocess.run(command, cwd=machine.dir, pass_fds=[machine.ram], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=True)
    with open(path, 'rb') as file:
        tree = file.read()
    changed = change(tree)
    if changed == tree:
        raise ValueError('the device tree is not as it is expected to be')
    with open(path, 'wb') as file:
        file.write(changed)
    with open(os.path.join(machine.dir, 'start'), 'wb') as file:
        file.write({spin_table: START_TWO, other_uart: START_16550}.get(change, START))
    return ['-device', 'loader,file=machine.dtb,force-raw=on,addr=%#x' % TREE_PA,
            '-device', 'loader,file=start,force-raw=on,addr=%#x' % START_PA,
            '-device', 'loader,addr=%#x,cpu-num=0' % START_PA]


def with_loader(machine, folder):
    """Lets QEMU start LOADER in place of the kernel, which it loads as well."""
    elf = os.path.abspath(build.elf(folder, True))
    with open(elf, 'rb') as file:
        entry = struct.unpack_from('<I', file.read(28), 24)[0] - 0xc0000000
    with open(os.path.join(machine.dir, 'loader'), 'wb') as file:
        file.write(LOADER.replace(b'%s', struct.pack('<I', entry)))
    machine.options[machine.options.index('-kernel') + 1] = 'loader'
    return ['-device', 'loader,file=' + elf]


def boot(arch, folder, kind):
    """Boots the machine. Returns (stdout, log, exit status, words)."""
    cmdline = qemu.boot_words(arch, True, kind.console) + ' poison ' + kind.cmdline
    medium = None
    if kind.madt is not None:
        medium = grub.medium(arch, folder, True, cmdline, *qemu.boot_module(kind.script, None),
                             kind.madt)
    script, typed = kind.script, b''
    if kind.console:
        script, typed = None, kind.script.encode() + streams.END
    kind_of_machine = OtherConsole if kind.console else qemu.Machine
    machine = kind_of_machine(arch, build.image(folder, arch, True), cmdline, script, medium,
                              mem=kind.mem, batch=True, numa='-numa' in kind.options)
    machine.device = kind.console
    machine.extra = kind.options
    if kind.dtb:
        machine.extra = kind.options + edited_tree(machine, kind.dtb)
    if kind.high:
        machine.extra = kind.options + with_loader(machine, folder)
    process = machine.start(stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    try:
        out, log = process.communicate(typed, timeout=TIMEOUT)
        status, words = machine.status(process.returncode)
    except subprocess.TimeoutExpired:
        process.kill()
        out, log = process.communicate()
        status, words = None, 'not over within %d seconds' % TIMEOUT
    machine.close()
    return out.decode(errors='replace'), log.decode(errors='replace'), status, words


def check(arch, folder, kind, smp):
    out, log, status, words = boot(arch, folder, kind)
    if kind.refusal:
        # If the command line is lost that sends the log elsewhere, the log is on the console.
        good = status not in (0, None) and kind.refusal in log + out
    else:
        good = status == 0 and 'vfs_read <-' in out and 'not ok' not in out
    if good and smp:
        good = (not kind.says or kind.says in log) and \
               (not kind.cpus or 'smp: %d CPU%s' % (kind.cpus, 's' * (kind.cpus > 1)) in log)
    failed = re.findall(r'(?:.*#.*\n)*.*not ok.*', out)
    return [] if good else ['status %s %s' % (status, words or ''), *failed, out[-1500:],
                            log[-2500:]]


def has_room(folder):
    """Tells whether the image was built for several CPUs."""
    with open(os.path.join(folder, 'meson-info', 'intro-buildoptions.json')) as file:
        options = {option['name']: option['value'] for option in json.load(file)}
    return options['smp'] and options['nr_cpus'] >= 8


def main(arch, folder, which='machines'):
    tap = Tap()
    smp = has_room(folder)
    kinds = matrix(arch, os.environ.get('MACHINES') == 'all')
    for kind in kinds if which == 'matrix' else MACHINES[arch]:
        tap.case(kind.name, check(arch, folder, kind, smp))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
