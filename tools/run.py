#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run: sets up, builds, and boots Patchbay in QEMU; with -c, runs commands in it."""
import argparse
import os
import signal
import socket
import subprocess
import sys
import termios
import threading

import build
import grub
import module
import qemu

TIMED_OUT = 124

EPILOG = """exit status with -c: 0 when every command succeeded; the status of the one that failed;
124 when time ran out; another non-zero one when the kernel panicked or QEMU failed.
On the interactive console Ctrl-A x ends QEMU, and Ctrl-A Ctrl-A is one Ctrl-A for the guest."""


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog='./run', epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Builds Patchbay if needed and boots it in QEMU.')
    parser.add_argument('arch', nargs='?', choices=build.ARCHES, default='i386')
    parser.add_argument('-c', metavar='COMMANDS', dest='script',
                        help='run these (separated by newline or ;), print their output, power off')
    parser.add_argument('--module', metavar='"FILE [PARAMETER=VALUE...]"', action='append',
                        default=[], help='compile this C file as a module, and insmod it at boot '
                        '(repeatable)')
    parser.add_argument('--smp', metavar='N', type=int, default=1, help='processors (1)')
    parser.add_argument('--mem', metavar='SIZE', default='256', help="memory, QEMU's -m (256 MiB)")
    parser.add_argument('--machine', metavar='OPTIONS', action='append', default=[],
                        help="added to QEMU's -M (gic-version=3, secure=on); a first word without "
                        "'=' is the machine (q35, microvm) in place of the usual one (repeatable)")
    parser.add_argument('--cpu', metavar='MODEL', default='max', help="QEMU's -cpu (max)")
    parser.add_argument('--icount', action='store_true',
                        help='virtual time counts instructions: runs repeat exactly')
    parser.add_argument('--grub', action='store_true', help='boot by GRUB from an ISO (i386)')
    parser.add_argument('--append', metavar='CMDLINE', action='append', default=[],
                        help="added to the end of the kernel's command line")
    parser.add_argument('--timeout', metavar='S', type=float,
                        help='give up after this many seconds (60 with -c; 0: never)')
    parser.add_argument('--build', metavar='DIR', help='build directory (build/ARCH)')
    parser.add_argument('--gdb', action='store_true',
                        help='stop at the first instruction, for gdb with symbols')
    args = parser.parse_args(argv)
    if args.grub and args.arch != 'i386':
        parser.error('--grub: arm64 has no GRUB boot, i386 only')
    if args.smp < 1:
        print('run: --smp %d: a machine has one processor at least, so it gets one' % args.smp,
              file=sys.stderr)
        args.smp = 1
    if args.timeout is not None and not 0 <= args.timeout < float('inf'):
        parser.error('--timeout %g: seconds, or 0 for no limit' % args.timeout)
    if args.timeout is None:
        args.timeout = 60 if args.script is not None and not args.gdb else 0
    return args


def copy(source, target):
    """Everything from `source`, without carriage returns before newlines, as it comes. Goes on
    reading when nobody takes it any more, so that QEMU never waits."""
    held = b''
    while True:
        data = os.read(source.fileno(), 65536)
        text = held + data
        held = b'\r' if data and text.endswith(b'\r') else b''
        text = text[:len(text) - len(held)].replace(b'\r\n', b'\n')
        try:
            if target and text:
                target.write(text)
                target.flush()
        except BrokenPipeError:
            # What Python still holds must go somewhere when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), target.fileno())
            target = None
        if not data:
            return


def run_batch(machine, timeout):
    """QEMU with its console on our stdout and its log on our stderr; the exit status."""
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    copies = [threading.Thread(target=copy, args=pair, daemon=True) for pair in
              ((process.stdout, sys.stdout.buffer), (process.stderr, sys.stderr.buffer))]
    for thread in copies:
        thread.start()
    try:
        code = process.wait(timeout or None)
        status, words = machine.status(code)
    except subprocess.TimeoutExpired:
        status, words = TIMED_OUT, 'no power-off within %g seconds' % timeout
    finally:
        process.kill()
        process.wait()
        for thread in copies:
            thread.join(5)
    if words:
        print('run: ' + words, file=sys.stderr)
    return status


def run_terminal(machine, timeout):
    """QEMU on our own terminal, which is put back as it was."""
    saved = termios.tcgetattr(0) if os.isatty(0) else None
    process = machine.start()
    try:
        status, words = machine.status(process.wait(timeout or None))
    except subprocess.TimeoutExpired:
        status, words = TIMED_OUT, 'no power-off within %g seconds' % timeout
    finally:
        process.terminate()
        process.wait()
        if saved:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
    if words:
        print('run: ' + words, file=sys.stderr)
    return status


def free_port(wanted=1234):
    """gdb's usual port, or another one when that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise build.BuildError('no free port for gdb')


def run_gdb(machine, elf, timeout):
    """QEMU stopped at its first instruction. With a terminal gdb gets it, and QEMU says where the
    console is; without, somebody else's gdb may come."""
    port = free_port()
    machine.extra = ['-S', '-gdb', 'tcp:127.0.0.1:%d' % port]
    gdb = ['gdb-multiarch', '-q', '-ex', 'target remote 127.0.0.1:%d' % port, elf]
    if not (os.isatty(0) and os.isatty(1)):
        print("run: stopped; connect with: gdb-multiarch -ex 'target remote 127.0.0.1:%d' %s"
              % (port, elf), file=sys.stderr)
        return run_batch(machine, timeout) if machine.batch else run_terminal(machine, timeout)
    machine.console = 'pty'
    process = machine.start(stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(gdb, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
                              ).returncode
    finally:
        process.kill()
        process.wait()


def main(argv):
    args = arguments(argv)
    groups = [args.arch] + ['grub'] * args.grub + ['gdb'] * args.gdb
    build.setup(*groups)
    folder = build.build(args.build or build.directory(args.arch), args.arch)
    script = args.script + '\n' if args.script is not None else None
    cmdline = ' '.join([qemu.boot_words(args.arch, script is not None), *args.append])
    files = module.initrd(folder, args.module)
    iso = None
    if args.grub:
        iso = grub.iso(folder, build.CROSS['i386'] + '-strip', cmdline,
                       *qemu.boot_module(script, files))
    machine = qemu.Machine(args.arch, build.image(folder, args.arch), cmdline, script, iso,
                           args.smp, args.mem, args.icount, files, args.machine, args.cpu)
    try:
        if args.gdb:
            return run_gdb(machine, os.path.join(folder, 'patchbay.elf'), args.timeout)
        return (run_batch if machine.batch else run_terminal)(machine, args.timeout)
    finally:
        machine.close()


if __name__ == '__main__':
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main(sys.argv[1:]))
    except build.BuildError as error:
        sys.exit('run: %s' % error)
    except KeyboardInterrupt:
        sys.exit(130)
