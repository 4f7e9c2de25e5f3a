#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every way of booting ends in the same kernel: with the same command line, its initrd unpacked,
all its CPUs, sound boot data, and direct calls beside the function tracer. One boot for each way.
Prints TAP.

usage: ways.py ARCH BUILD_DIRECTORY"""
import os
import re
import subprocess
import sys
import tempfile

from console import ROOT, RUN, expect, run
from tap import Tap

MODULE = """
#include <linux/module.h>
static int number;
module_param(number, int, 0444);
static int __init way_init(void) { pr_info("way: %d\\n", number); return 0; }
static void __exit way_exit(void) { pr_info("way: gone\\n"); }
module_init(way_init);
module_exit(way_exit);
MODULE_LICENSE("GPL");
"""
SCRIPT = """cat /proc/cmdline
echo "a;b" '$x'
rmmod way
insmod ftrace-direct
trace record -p function -l wake_up_process workload sched 5
rmmod ftrace-direct
ktest boot_data
"""
# For each way ./run's options, and how the log has to name it (machine, exception level, loader).
WAYS = {
    'i386': {
        'QEMU, Multiboot 1': ([], ''),
        'BIOS, GRUB, Multiboot 1': (['--grub'], ''),
        'UEFI, GRUB, Multiboot 2': (['--uefi'], ''),
    },
    'arm64': {
        'QEMU, Image': ([], ''),
        'UEFI, initrd offered, EL1': (['--uefi'], 'GICv2'),
        'UEFI, GRUB, initrd in the tree, EL2': (
            ['--grub', '--machine', 'virtualization=on,gic-version=3'], 'GICv3'),
    },
}


def boot(arch, build, module, options):
    return run(arch, build, SCRIPT, '--tests', '--smp', '2', '--module', module + ' number=7',
               '--append', 'loglevel=7 some=thing', *options, timeout=180)


def check_work(out, log, said=''):
    """Expects that all of the script has worked, by its output and the kernel's log."""
    expect('way: 7\n' in log and 'way: gone\n' in log, 'no initrd:', log[-3000:])
    expect('smp: 2 CPUs\n' in log and said in log, log[-3000:])
    expect(re.search(r': wake_up_process <-', out), out[:3000])
    expect(re.search(r': my_direct_func: waking up ', out), 'no direct call:', out[:3000])
    expect(len(re.findall('^ *ok [1-4] ', out, re.M)) >= 4 and 'not ok' not in out, out[-2000:])


def check(result, cmdline, said):
    status, out, err = result
    lines = out.split('\n')
    expect(status == 0, status, out[-2000:], err[-3000:])
    expect(lines[0] == cmdline, 'another command line: %r, not %r' % (lines[0], cmdline))
    expect(lines[1] == 'a;b $x', lines[1])
    check_work(out, err, said)


def without_a_tree(arch, build):
    """If the firmware prefers ACPI it gives no tree, and memory is what it has listed itself. The
    script is piped: firmware, which would read it, must get nothing of it."""
    done = subprocess.run([RUN, arch, '--build', build, '--uefi', '--machine', 'acpi=on',
                           '--timeout', '60'], cwd=ROOT, input=b'cat /proc/cmdline\n',
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    status, out, err = done.returncode, done.stdout.decode(), done.stderr.decode(errors='replace')
    expect((status, out) == (0, 'semihosting script=console\n'), status, out, err[-3000:])
    expect("QEMU virt's is assumed" in err and 'no memory:' not in err, err[-3000:])
    expect('console: PL011 at 0x9000000, by ACPI (SPCR)' in err, err[-3000:])


def image(arch, build):
    """What --image writes is what the ways by GRUB have booted, with another command line."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'image')
        command = [RUN, arch, '--build', build, '--image', path, '--append', 'some=thing', '-c',
                   'echo hello']
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
        expect(done.returncode == 0 and not done.stdout and path in done.stderr, done)
        show = {
            'i386': ['xorriso', '-indev', path, '-report_el_torito', 'plain', '-find', '/boot',
                     '-maxdepth', '2'],
            'arm64': ['mdir', '-i', path + '@@1M', '-/', '-b', '::'],
        }[arch]
        listed = subprocess.run(show, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True).stdout
        wanted = {'i386': ['  BIOS  y', '  UEFI  y', "'/boot/patchbay.elf'", "'/boot/script'"],
                  'arm64': ['::/EFI/BOOT/BOOTAA64.EFI', '::/EFI/BOOT/grub.cfg', '::/Image',
                            '::/initrd']}[arch]
        for word in wanted:
            expect(word in listed, word, listed)
        with open(path, 'rb') as file:
            content = file.read()
        line = {'i386': b'multiboot2 /boot/patchbay.elf script some=thing\n',
                'arm64': b'linux /Image script some=thing\n'}[arch]
        expect(line in content, 'another command line')
        # It must not write over what is no file.
        done = subprocess.run([*command[:5], folder], cwd=ROOT, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        expect(done.returncode == 2, done)


def main(arch, build):
    tap = Tap()
    cmdline = {'i386': 'debugcon', 'arm64': 'semihosting'}[arch] + ' script loglevel=7 some=thing'
    tests = {}
    with tempfile.TemporaryDirectory() as folder:
        module = os.path.join(folder, 'way.c')
        with open(module, 'w') as file:
            file.write(MODULE)
        for name, (options, said) in WAYS[arch].items():
            tests[name] = lambda options=options, said=said: check(
                boot(arch, build, module, options), cmdline, said)
        if arch == 'arm64':
            tests['UEFI, no device tree'] = lambda: without_a_tree(arch, build)
        tests['the image for a medium'] = lambda: image(arch, build)
        for name, test in tests.items():
            try:
                test()
                tap.case(name, [])
            except (AssertionError, subprocess.TimeoutExpired) as error:
                tap.case(name, [str(error)])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
