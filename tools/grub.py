# SPDX-License-Identifier: MIT
"""Makes the ISO image from which GRUB boots Patchbay, with the kernel, its command line and the
script. Images are kept in the build directory and named after their contents, so that a second boot
need not make one."""
import atexit
import glob
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile

from build import ROOT, BuildError

KEEP = 8		# ISO images in a build directory; the oldest go


def config(cmdline, module, madt):
    """Returns the text of grub.cfg. GRUB would quote some characters in the command line, so these
    are refused."""
    if any(c in cmdline for c in '\\\'"'):
        raise BuildError('GRUB would not pass quotes or backslashes unchanged: ' + cmdline)
    with open(os.path.join(ROOT, 'boot', 'grub.cfg')) as file:
        text = file.read()
    words = ' '.join(shlex.quote(word) for word in cmdline.split())
    acpi = ''
    if madt is not None:
        acpi = 'insmod acpi\nacpi --exclude=APIC' + (' /boot/madt' if madt else '')
    return text.replace('@CMDLINE@', words).replace('@ACPI@', acpi).replace(
        '@MODULE@', 'module /boot/%s %s' % (module, module) if module else '')


def iso(kernel, strip, cmdline, module, module_content, madt=None):
    """Returns the path of the image for this kernel, command line and boot module (None: no
    module). `madt` is given to the kernel in place of the machine's table of CPUs, unless it is
    empty."""
    text = config(cmdline, module, madt)
    build = os.path.dirname(kernel)
    with open(kernel, 'rb') as file:
        content = file.read()
    key = hashlib.sha256(b'\0'.join([content, os.fsencode(text), module_content or b'',
                                   madt or b'']))
    folder = os.path.join(build, 'iso')
    if not os.access(build, os.W_OK):
        folder = tempfile.mkdtemp(prefix='patchbay-iso-')
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, key.hexdigest()[:16] + '.iso')
    if os.path.exists(path):
        os.utime(path)
        return path
    os.makedirs(folder, exist_ok=True)
    for old in sorted(glob.glob(folder + '/*.iso'), key=os.path.getmtime)[:-KEEP]:
        os.unlink(old)
    with tempfile.TemporaryDirectory(prefix='patchbay-iso-') as tree:
        os.makedirs(tree + '/boot/grub')
        subprocess.run([strip, '-s', '-o', tree + '/boot/patchbay.elf', kernel], check=True)
        with open(tree + '/boot/grub/grub.cfg', 'wb') as file:
            file.write(os.fsencode(text))
        if module:
            with open(tree + '/boot/' + module, 'wb') as file:
                file.write(module_content)
        if madt:
            with open(tree + '/boot/madt', 'wb') as file:
                file.write(madt)
        make(tree, path)
    return path


def make(tree, path):
    command = ['grub-mkrescue', '-d', '/usr/lib/grub/i386-pc', '--fonts=', '--locales=',
               '--themes=', '--install-modules=normal multiboot iso9660 biosdisk acpi', '-o',
               path + '.new', tree]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildError('grub-mkrescue failed:\n' + done.stdout)
    shutil.move(path + '.new', path)
