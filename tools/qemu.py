# SPDX-License-Identifier: MIT
"""The machines on which Patchbay is booted: QEMU's command lines, and the meaning of its exit
status. Everything here that starts QEMU does it through Machine."""
import mmap
import os
import shutil
import socket
import subprocess
import tempfile

import cpio
import postmortem

EMULATOR = {'i386': 'qemu-system-i386', 'arm64': 'qemu-system-aarch64'}
USUAL = {'i386': 'pc', 'arm64': 'virt'}		# the machine, where none is named
I386_SUCCESS, I386_STATUS = 0x10, 0x20		# what the kernel writes to isa-debug-exit
RESET = 123					# the exit status of ./run
COUNTED = ['-accel', 'tcg', '-icount', 'shift=0,sleep=off',
           '-rtc', 'base=2026-01-01T00:00:00,clock=vm']


# Debian's files of UEFI's firmware, and how the machine has to be for it: q35 with System
# Management Mode; and without ACPI's tables, in whose presence the firmware keeps the device tree
# to itself.
UEFI_I386 = ('/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd', '/usr/share/OVMF/OVMF32_VARS_4M.fd')
UEFI_ARM64 = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd'
UEFI_MACHINE = {'i386': 'q35,smm=on', 'arm64': 'acpi=off'}
# The last line that firmware, or GRUB under it, prints on the console: see boot/.
UEFI_LAST_LINE = b'Patchbay: leaving the firmware\n'


class Machine:
    """One machine, which is not started yet. The files that QEMU mentions to the kernel are in a
    directory of their own, which becomes QEMU's working directory, so that the guest sees no paths
    of the host. `module` is the file of a boot module, in place of a script or files."""

    def __init__(self, arch, image, cmdline='', script=None, medium=None, smp=1, mem='256',
                 icount=False, files=None, kind=(), cpu='max', batch=None, uefi=False, numa=False,
                 module=None, log=None):
        self.arch = arch
        self.log = log			# a replayable.Log, if QEMU writes one or repeats it
        self.uefi = uefi
        self.cmdline = ' '.join(cmdline.split())
        self.dir = tempfile.mkdtemp(prefix='patchbay-')
        self.extra = []
        self.cpus = []			# their registers, once end() has been called
        # QEMU's monitor can tell a reset from a power-off; its exit status cannot.
        self.monitor, self.monitor_end = socket.socketpair()
        self.monitor.sendall(b'{"execute": "qmp_capabilities"}\n')
        self.batch = script is not None if batch is None else batch
        self.console = 'batch' if self.batch else 'terminal'
        # The guest's RAM outlives the guest here: see memory(). With `numa`, options that come
        # later say where its RAM is.
        self.ram = os.memfd_create('ram')
        self.options = ['-smp', str(smp), '-m', str(mem)]
        kind = [UEFI_MACHINE[arch]] * uefi + list(kind)
        if not numa:
            self.options += ['-object', 'memory-backend-file,id=ram,share=on,size=%d,'
                             'mem-path=/proc/self/fd/%d' % (memory_size(str(mem)), self.ram)]
            kind.insert(0, 'memory-backend=ram')
        kind = machine_words(arch, kind)
        if icount and arch == 'arm64':
            kind, cpu = kind + ',dtb-randomness=off', cpu + ',cntfrq=1000000000'
        self.options += ['-M', kind, '-cpu', cpu] + (COUNTED if icount else [])
        if log:
            # A later -icount adds to the earlier one.
            self.options += log.options(self.dir)
        if uefi:
            self.options += self.firmware()
        if medium:
            # QEMU works in a directory of its own, and a comma would end the name of a file.
            path = os.path.abspath(medium).replace(',', ',,')
            self.options += {
                'i386': ['-boot', 'd', '-drive', 'media=cdrom,format=raw,readonly=on,file=' + path],
                'arm64': ['-drive', 'if=none,id=disk,format=raw,readonly=on,file=' + path,
                          '-device', 'virtio-blk-pci,drive=disk'],
            }[arch]
            return
        self.boot_files = [os.path.basename(image)]
        os.symlink(os.path.abspath(image), os.path.join(self.dir, self.boot_files[0]))
        self.options += ['-kernel', self.boot_files[0], '-append', self.cmdline]
        name, content = boot_module(script, files)
        if module:
            name = os.path.basename(module)
            shutil.copyfile(module, os.path.join(self.dir, name))
        elif name:
            with open(os.path.join(self.dir, name), 'wb') as file:
                file.write(content)
        if name:
            self.boot_files.append(name)
            self.options += ['-initrd', name]

    def firmware(self):
        """Returns the options that replace QEMU's own firmware by UEFI's. i386's has been built to
        keep its settings in a flash that only System Management Mode can write."""
        if self.arch == 'arm64':
            return ['-bios', UEFI_ARM64]
        code, settings = UEFI_I386
        shutil.copy(settings, os.path.join(self.dir, 'settings'))
        # GRUB would speak of a screen that is missing when the console is the kernel's already.
        return ['-vga', 'std', '-global', 'driver=cfi.pflash01,property=secure,value=on',
                '-drive', 'if=pflash,unit=0,format=raw,readonly=on,file=' + code,
                '-drive', 'if=pflash,unit=1,format=raw,file=settings']

    def command(self):
        """Returns QEMU's whole command line. In batch mode the console is its stdout and the
        kernel's log its stderr. Otherwise both are on the terminal, where Ctrl-A x ends QEMU, or on
        a new pty."""
        # QEMU must end with the program that started it, however that ends.
        words = ['setpriv', '--pdeathsig', 'KILL', EMULATOR[self.arch], '-nodefaults',
                 '-display', 'none', '-no-reboot']
        words += {'batch': ['-serial', 'stdio'], 'pty': ['-serial', 'pty'],
                  'terminal': ['-chardev', 'stdio,id=console,mux=on,signal=off',
                               '-serial', 'chardev:console', '-mon', 'chardev=console'],
                  }[self.console]
        words += ['-chardev', 'socket,id=monitor,fd=%d' % self.monitor_end.fileno(),
                  '-mon', 'chardev=monitor,mode=control']
        if self.arch == 'i386':
            words += ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4']
            if self.batch:
                words += ['-debugcon', 'file:/dev/stderr']
        elif self.batch:
            words += ['-chardev', 'file,id=log,path=/dev/stderr',
                      '-semihosting-config', 'enable=on,target=native,chardev=log']
        return words + self.options + self.extra

    def start(self, **streams):
        """Starts QEMU and returns its process."""
        process = subprocess.Popen(self.command(), cwd=self.dir,
                                   pass_fds=[self.monitor_end.fileno(), self.ram], **streams)
        self.monitor_end.close()
        return process

    def end(self, process):
        """Ends QEMU, and notes first where each CPU is."""
        self.cpus = postmortem.registers(self.arch, self.monitor)
        if self.log:
            # A log that QEMU cannot end is none.
            postmortem.ask(self.monitor, 'quit')
            try:
                process.wait(postmortem.MONITOR_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        process.kill()
        process.wait()

    def was_reset(self):
        """Tells, after QEMU has ended, whether it did so with status 0 because the guest reset the
        machine."""
        events = b''
        try:
            while data := self.monitor.recv(65536):
                events += data
        except OSError:
            pass
        return b'guest-reset' in events

    def status(self, code):
        """Returns the kernel's exit status, which QEMU's is made of, and words if the kernel did
        not end by itself."""
        if code < 0:
            return 128 - code, 'QEMU was ended by signal %d' % -code
        if code == 0 and self.was_reset():
            return RESET if self.batch else 0, 'the machine was reset'
        if self.arch == 'arm64':
            return code, None
        value = code >> 1
        if code & 1 and value == I386_SUCCESS:
            return 0, None
        if code & 1 and value > I386_STATUS:
            return value - I386_STATUS, None
        if code == 0:
            return 0, None
        return 1, 'QEMU failed with status %d' % code

    def memory(self):
        """Returns the guest's RAM, also after QEMU has ended."""
        size = os.fstat(self.ram).st_size
        return mmap.mmap(self.ram, size, access=mmap.ACCESS_READ) if size else b''

    def close(self):
        os.close(self.ram)
        self.monitor.close()
        self.monitor_end.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def memory_size(text):
    """Returns the bytes that QEMU gives a machine for this size: MiB, or with k, M, G or T behind
    it; rounded up to whole 8 KiB."""
    unit = {'k': 10, 'g': 30, 't': 40}.get(text[-1].lower(), 20)
    return -(-int(float(text.rstrip('kKmMgGtT')) * 2 ** unit) // 8192) * 8192


def machine_words(arch, options):
    """Returns the argument of -M: the usual machine with these options, or the machine that one of
    them names by a first word without '='."""
    name, rest = USUAL[arch], []
    for option in options:
        first, *others = option.split(',')
        if '=' in first:
            others.insert(0, first)
        else:
            name = first
        rest += others
    return ','.join([name, *rest])


def boot_module(script, files):
    """Returns (name, content) of the one boot module that both machines accept: the script, or,
    with `files`, an archive that has the script in it; (None, None) if there is neither."""
    if files:
        if script is not None:
            files = {**files, 'script': os.fsencode(script)}
        return 'initrd', cpio.archive(files)
    return ('script', os.fsencode(script)) if script is not None else (None, None)


def boot_words(arch, batch, piped=False):
    """Returns the beginning of the kernel's command line: where the log goes, and whether there is
    a script, as a boot module or piped into the console."""
    words = {'i386': 'debugcon script', 'arm64': 'semihosting script'}[arch]
    return words + ('=console' if piped else '') if batch else ''
