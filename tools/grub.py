# SPDX-License-Identifier: MIT
"""Makes the media from which GRUB boots Patchbay, with the kernel, its command line and a boot
module: for i386 an ISO image, which a BIOS and UEFI can start; for arm64 an image of a disk with
one FAT partition. They are kept in the build directory and named after their contents, so that a
second boot need not make one."""
import atexit
import glob
import hashlib
import os
import shlex
import shutil
import struct
import subprocess
import tempfile

import build
from build import ROOT, BuildError

KEEP = 8		# images in a build directory; the oldest go
FORMATS = {'i386': '.iso', 'arm64': '.img'}
MODULES = {
    # GRUB names on the screen every kind of partition that it cannot look for.
    'i386': 'normal multiboot multiboot2 iso9660 acpi test echo all_video part_acorn part_amiga '
            'part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan part_sun '
            'part_sunpc',
    'arm64': 'normal linux part_gpt part_msdos fat configfile regexp boot',
}
# tools/setup puts arm64's modules here, because there is no package of them for other machines.
ARM64_GRUB = os.path.join(ROOT, 'build', 'packages', 'usr', 'lib', 'grub', 'arm64-efi')
SECTOR = 512
PARTITION_START = 2048		# in sectors, as partitions usually begin


def config(arch, cmdline, module, madt):
    """Returns the text of grub.cfg. GRUB would quote some characters in the command line, so these
    are refused."""
    if any(c in cmdline for c in '\\\'"'):
        raise BuildError('GRUB would not pass quotes or backslashes unchanged: ' + cmdline)
    with open(os.path.join(ROOT, 'boot', 'grub-%s.cfg' % arch)) as file:
        text = file.read()
    words = ' '.join(shlex.quote(word) for word in cmdline.split())
    acpi = ''
    if madt is not None:
        acpi = 'insmod acpi\nacpi --exclude=APIC' + (' /boot/madt' if madt else '')
    line = {'i386': 'module /boot/%s %s' % (module, module), 'arm64': 'initrd /initrd'}[arch]
    line = line if module else ''
    return text.replace('@CMDLINE@', words).replace('@ACPI@', acpi).replace(
        '@MODULE@', line).replace('@MODULE2@', line.replace('module', 'module2'))


def medium(arch, folder, tests, cmdline, module, content, madt=None):
    """Returns the path of the medium with the kernel of this build directory (the one with tests?),
    a command line, and a boot module (None: no module). `madt` is given to the kernel in place of
    the machine's table of CPUs, unless it is empty."""
    text = os.fsencode(config(arch, cmdline, module, madt))
    files = {'initrd' if arch == 'arm64' else module: content} if module else {}
    kernel = build.image(folder, arch, tests)
    with open(kernel, 'rb') as file:
        key = hashlib.sha256(b'\0'.join([file.read(), text, content or b'', madt or b'',
                                         MODULES[arch].encode()]))
    if madt:
        files['madt'] = madt
    place = os.path.join(folder, 'media')
    if not os.access(folder, os.W_OK):
        place = tempfile.mkdtemp(prefix='patchbay-media-')
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    path = os.path.join(place, key.hexdigest()[:16] + FORMATS[arch])
    if os.path.exists(path):
        os.utime(path)
        return path
    os.makedirs(place, exist_ok=True)
    for old in sorted(glob.glob(place + '/*' + FORMATS[arch]), key=os.path.getmtime)[:-KEEP]:
        os.unlink(old)
    with tempfile.TemporaryDirectory(prefix='patchbay-media-') as tree:
        new = os.path.join(tree, 'new')
        {'i386': make_iso, 'arm64': make_disk}[arch](tree, kernel, text, files, new)
        # Under its own name it is complete, whoever else makes the same one now.
        part = '%s.%d' % (path, os.getpid())
        shutil.move(new, part)
        os.rename(part, path)
    return path


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise BuildError('%s failed:\n%s' % (command[0], done.stdout))


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(content)


def make_iso(tree, kernel, text, files, path):
    """Makes the ISO image with every kind of GRUB that is installed: that of a BIOS, of 32-bit UEFI
    and of 64-bit UEFI."""
    boot = os.path.join(tree, 'iso', 'boot')
    write(os.path.join(boot, 'grub', 'grub.cfg'), text)
    run([build.CROSS['i386'] + '-strip', '-s', '-o', boot + '/patchbay.elf', kernel])
    for name, content in files.items():
        write(os.path.join(boot, name), content)
    run(['grub-mkrescue', '--fonts=', '--locales=', '--themes=',
         '--install-modules=' + MODULES['i386'], '-o', path, os.path.join(tree, 'iso')])


def make_disk(tree, kernel, text, files, path):
    """Makes the image of a disk: a table with one partition, EFI's, and its FAT file system."""
    grub = os.path.join(tree, 'BOOTAA64.EFI')
    run(['grub-mkstandalone', '-O', 'arm64-efi', '-d', ARM64_GRUB, '--fonts=', '--locales=',
         '--themes=', '--modules=' + MODULES['arm64'], '--install-modules=' + MODULES['arm64'],
         '-o', grub,
         'boot/grub/grub.cfg=' + os.path.join(ROOT, 'boot', 'grub-arm64-start.cfg')])
    write(os.path.join(tree, 'grub.cfg'), text)
    sources = {'/EFI/BOOT/BOOTAA64.EFI': grub, '/EFI/BOOT/grub.cfg': tree + '/grub.cfg',
               '/Image': kernel}
    for name, content in files.items():
        write(os.path.join(tree, name), content)
        sources['/' + name] = os.path.join(tree, name)
    # A FAT32 file system has no fewer clusters than these, and firmware likes no other.
    sectors = max(sum(map(os.path.getsize, sources.values())) // SECTOR + 4096, 69632)
    with open(path, 'wb') as file:
        file.write(partition_table(sectors))
        file.truncate((PARTITION_START + sectors) * SECTOR)
    where = '%s@@%d' % (path, PARTITION_START * SECTOR)
    # mtools would look at the machine's settings, and ask questions.
    quiet = dict(os.environ, MTOOLSRC=os.devnull, MTOOLS_SKIP_CHECK='1')
    run(['mformat', '-i', where, '-F', '-T', str(sectors), '-h', '64', '-s', '32', '-v', 'PATCHBAY',
         '::'], env=quiet)
    run(['mmd', '-i', where, '::/EFI', '::/EFI/BOOT'], env=quiet)
    for name, source in sources.items():
        run(['mcopy', '-i', where, source, '::' + name], env=quiet)


def partition_table(sectors):
    """Returns the first sector of the disk: one partition, of the type that UEFI looks for."""
    entry = struct.pack('<B3sB3sII', 0, b'\xfe\xff\xff', 0xef, b'\xfe\xff\xff', PARTITION_START,
                        sectors)
    return bytes(446) + entry + bytes(48) + b'\x55\xaa'
