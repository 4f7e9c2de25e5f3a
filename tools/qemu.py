# SPDX-License-Identifier: MIT
"""The machines that Patchbay is booted on: QEMU's command lines, and what its exit status says.
All that starts QEMU here goes through Machine."""
import os
import shutil
import socket
import subprocess
import tempfile

import cpio

EMULATOR = {'i386': 'qemu-system-i386', 'arm64': 'qemu-system-aarch64'}
USUAL = {'i386': 'pc', 'arm64': 'virt'}		# the machine, where none is named
I386_SUCCESS, I386_STATUS = 0x10, 0x20		# what the kernel writes to isa-debug-exit
COUNTED = ['-accel', 'tcg', '-icount', 'shift=0,sleep=off',
           '-rtc', 'base=2026-01-01T00:00:00,clock=vm']


class Machine:
    """One machine, not yet started. Files that QEMU names in what it tells the kernel lie in a
    directory of their own, which becomes its working directory: so no path shows in the guest."""

    def __init__(self, arch, image, cmdline='', script=None, iso=None, smp=1, mem='256',
                 icount=False, files=None, kind=(), cpu='max', batch=None):
        self.arch = arch
        self.cmdline = ' '.join(cmdline.split())
        self.dir = tempfile.mkdtemp(prefix='patchbay-')
        self.extra = []
        # QEMU's monitor tells a reset from a power-off; its exit status does not.
        self.monitor, self.monitor_end = socket.socketpair()
        self.monitor.sendall(b'{"execute": "qmp_capabilities"}\n')
        self.batch = script is not None if batch is None else batch
        self.console = 'batch' if self.batch else 'terminal'
        self.options = ['-smp', str(smp), '-m', str(mem)]
        kind = machine_words(arch, kind)
        if icount and arch == 'arm64':
            kind, cpu = kind + ',dtb-randomness=off', cpu + ',cntfrq=1000000000'
        self.options += ['-M', kind, '-cpu', cpu] + (COUNTED if icount else [])
        if iso:
            self.options += ['-boot', 'd', '-cdrom', iso]
            return
        os.symlink(os.path.abspath(image), os.path.join(self.dir, os.path.basename(image)))
        self.options += ['-kernel', os.path.basename(image), '-append', self.cmdline]
        name, content = boot_module(script, files)
        if name:
            with open(os.path.join(self.dir, name), 'wb') as file:
                file.write(content)
            self.options += ['-initrd', name]

    def command(self):
        """QEMU's whole command line. In batch the console is its stdout and the kernel's log its
        stderr; otherwise both are on the terminal, where Ctrl-A x ends QEMU, or on a new pty."""
        # No QEMU outlives the program that started it, however that ends.
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
        """A running QEMU."""
        process = subprocess.Popen(self.command(), cwd=self.dir,
                                   pass_fds=[self.monitor_end.fileno()], **streams)
        self.monitor_end.close()
        return process

    def was_reset(self):
        """Did the guest reset the machine, which ends QEMU with status 0? Asked after its end."""
        events = b''
        try:
            while data := self.monitor.recv(65536):
                events += data
        except OSError:
            pass
        return b'guest-reset' in events

    def status(self, code):
        """The kernel's exit status from QEMU's, and words for an end that was not its own."""
        if code < 0:
            return 128 - code, 'QEMU was ended by signal %d' % -code
        if code == 0 and self.was_reset():
            return 1 if self.batch else 0, 'the machine was reset'
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

    def close(self):
        self.monitor.close()
        self.monitor_end.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def machine_words(arch, options):
    """What -M is given: the usual machine with these options, or the machine that one of them names
    by a first word without '='."""
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
    """(name, content) of the one boot module that both machines take: the script, or, with
    `files`, an archive with the script in it. (None, None) when there is neither."""
    if files:
        if script is not None:
            files = {**files, 'script': os.fsencode(script)}
        return 'initrd', cpio.archive(files)
    return ('script', os.fsencode(script)) if script is not None else (None, None)


def boot_words(arch, batch, piped=False):
    """What the kernel's command line starts with: where the log goes, and that there is a script,
    as a boot module or piped into the console."""
    words = {'i386': 'debugcon script', 'arm64': 'semihosting script'}[arch]
    return words + ('=console' if piped else '') if batch else ''
