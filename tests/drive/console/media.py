#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `./run --image` writes starts where people put it: as a disk and as a USB stick, by BIOS and
UEFI, by U-Boot, and by hand from the firmware's shell. (As a CD, ways.py boots the same.) The
kernel is the one that ways.py boots, and does the same work; as on a real machine its log is on
the console. Prints TAP.

usage: media.py ARCH BUILD_DIRECTORY"""
import os
import shutil
import subprocess
import sys
import tempfile

import ways
from console import ESCAPE, ROOT, RUN, expect
from tap import Tap

APPENDED = 'loglevel=7 some=thing'
CMDLINE = 'script ' + APPENDED
OVMF = '/usr/share/OVMF/OVMF_%s_4M.fd'
AAVMF = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd'
U_BOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'
MACHINE = {
    'i386': ['qemu-system-i386', '-M', 'pc', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
    # Every PC with UEFI has the 64-bit one. GRUB brings the processor back to 32 bits.
    'x86_64': ['qemu-system-x86_64', '-M', 'q35', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
               '-drive', 'if=pflash,unit=0,format=raw,readonly=on,file=' + OVMF % 'CODE',
               '-drive', 'if=pflash,unit=1,format=raw,snapshot=on,file=' + OVMF % 'VARS'],
    'arm64': ['qemu-system-aarch64', '-M', 'virt,acpi=off', '-bios', AAVMF],
    'U-Boot': ['qemu-system-aarch64', '-M', 'virt', '-bios', U_BOOT],
}
STICK = ['-device', 'qemu-xhci', '-device', 'usb-storage,drive=medium,bootindex=0']
DISK = {'i386': ['-device', 'ide-hd,drive=medium'],
        'arm64': ['-device', 'virtio-blk,drive=medium']}
# What is typed at U-Boot's prompt. The first keys stop it from starting what it finds by itself;
# the last command ends the machine if the kernel has not started.
LOAD = '\n\nvirtio scan\nload virtio 0:1 $kernel_addr_r Image\n'
BOOTI = (LOAD + 'setenv bootargs %s\nload virtio 0:1 $ramdisk_addr_r initrd\n'
         'booti $kernel_addr_r $ramdisk_addr_r:$filesize $fdt_addr\nreset\n')
BOOTEFI = (LOAD + 'setenv bootargs initrd=%s %s\n'
           'bootefi $kernel_addr_r $fdt_addr\nreset\n')


def boot(machine, medium, device, typed=''):
    """Boots the medium with two CPUs. Returns what was on the console up to the power-off."""
    command = [*MACHINE[machine], '-cpu', 'max', '-smp', '2', '-m', '256', '-nodefaults',
               '-display', 'none', '-no-reboot', '-serial', 'stdio', '-drive',
               'if=none,id=medium,format=raw,snapshot=on,file=' + medium, *device]
    done = subprocess.run(['timeout', '90', *command], input=typed.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    text = ESCAPE.sub('', done.stdout.decode(errors='replace')).replace('\r', '')
    # QEMU ends with status 0 or the kernel's, which isa-debug-exit has doubled.
    expect(done.returncode in (0, 33), done.returncode, text[-3000:])
    return text


def check(text, way):
    """Expects the kernel's work on the console, where the log is as well."""
    expect(way in text, 'not started in this way', text[:3000])
    lines = text.split('\n')
    expect(CMDLINE in lines and 'a;b $x' in lines, 'another command line', text[-5000:])
    ways.check_work(text, text)


def changed(medium, folder, name, content, *commands):
    """Returns a copy of arm64's medium with one more file, on which mtools have done this."""
    file, copy = os.path.join(folder, name), os.path.join(folder, 'changed')
    with open(file, 'w') as out:
        out.write(content)
    shutil.copyfile(medium, copy)
    for command, *words in [('mcopy', file, '::'), *commands]:
        subprocess.run([command, '-i', copy + '@@1M', *words], check=True, stdin=subprocess.DEVNULL,
                       env=dict(os.environ, MTOOLSRC=os.devnull, MTOOLS_SKIP_CHECK='1'))
    return copy


def uefi_shell(medium, folder):
    """A person starts the kernel from the firmware's shell, here by the script that it looks for
    when there is nothing else that it could start."""
    medium = changed(medium, folder, 'startup.nsh', 'Image initrd=\\initrd %s\n' % CMDLINE,
                     ('mdel', '::/EFI/BOOT/BOOTAA64.EFI'))
    check(boot('arm64', medium, DISK['arm64']), 'Shell> ')


def empty_initrd(medium, folder):
    medium = changed(medium, folder, 'empty', '')
    text = boot('U-Boot', medium, DISK['arm64'], BOOTEFI % ('/empty', CMDLINE))
    expect('Patchbay: the initrd is empty: going on without it' in text, text)
    expect('UEFI: the initrd is empty: not used' in text, text)


def cases(arch, medium, folder):
    """Yields the name of each case and a function."""
    if arch == 'i386':
        yield 'BIOS, disk', lambda: check(boot('i386', medium, DISK['i386']), '')
        yield '64-bit UEFI, USB stick', lambda: check(boot('x86_64', medium, STICK),
                                                      'leaving the firmware')
        return
    disk = DISK['arm64']
    yield 'UEFI, USB stick', lambda: check(boot('arm64', medium, STICK), 'leaving the firmware')
    yield 'UEFI, from the shell', lambda: uefi_shell(medium, folder)
    yield "U-Boot's UEFI, GRUB", lambda: check(boot('U-Boot', medium, disk), 'Welcome to GRUB!')
    yield 'U-Boot, booti', lambda: check(boot('U-Boot', medium, disk, BOOTI % CMDLINE),
                                         'Starting kernel ...')
    yield 'U-Boot, bootefi, initrd by name', lambda: check(
        boot('U-Boot', medium, disk, BOOTEFI % ('/initrd', CMDLINE)), 'leaving the firmware')
    yield 'U-Boot, bootefi, an empty initrd', lambda: empty_initrd(medium, folder)


def main(arch, build):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        module, medium = os.path.join(folder, 'way.c'), os.path.join(folder, 'medium')
        with open(module, 'w') as file:
            file.write(ways.MODULE)
        subprocess.run([RUN, arch, '--build', build, '--tests', '--image', medium, '--module',
                        module + ' number=7', '--append', APPENDED, '-c', ways.SCRIPT], cwd=ROOT,
                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        for name, case in cases(arch, medium, folder):
            try:
                case()
                tap.case(name, [])
            except AssertionError as error:
                tap.case(name, [str(error)])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
