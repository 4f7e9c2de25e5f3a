#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run: sets up, builds, and boots Patchbay in QEMU; with -c, runs commands in it."""
import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time

import artifact
import build
import goto
import grub
import guest
import module
import postmortem
import program
import qemu
import record
import replayable
import streams

TIMED_OUT = 124
# What --flight adds to the kernel's command line.
FLIGHT = 'ftrace=function trace_buf_size=64K'
MEM_MIN = {'i386': 3, 'arm64': 5}		# MiB: the kernel, what is loaded, and what it needs

EPILOG = """Standard input that is no terminal is a script too: its lines run as they come, its end
powers off. So `./run i386 < FILE` works, and a pipe that sends a command now and then.

Exit status of a script: 0 when every command succeeded; the status of the first that failed;
122 when the kernel panicked, 123 when the machine was reset, 124 when time ran out; 141 when nobody
reads the output any more; 1 when QEMU failed or the output could not be written.
On the interactive console Ctrl-A x ends QEMU, and Ctrl-A Ctrl-A is one Ctrl-A for the guest."""


def processors(text):
    if not re.fullmatch('[0-9]+', text) or not int(text):
        raise argparse.ArgumentTypeError('%s: not a number of processors (1 or more)' % text)
    return int(text)


def memory(text):
    if not re.fullmatch(r'[0-9]+(\.[0-9]+)?[kKmMgGtT]?', text) or not re.search('[1-9]', text):
        raise argparse.ArgumentTypeError(
            '%s: not a size of memory (MiB; or with k, M, G or T behind it)' % text)
    return text


def image_file(text):
    if os.path.exists(text) and not os.path.isfile(text):
        raise argparse.ArgumentTypeError('%s: exists and is no file' % text)
    return text


def read_script(args):
    """Returns the script that was asked for, as bytes, or None."""
    if args.script is not None:
        return os.fsencode(args.script) + b'\n'
    if args.script_file is None:
        return None
    if args.script_file != '-':
        with open(args.script_file, 'rb') as file:
            return file.read() + b'\n'
    try:
        with open(0, 'rb') as file:
            return file.read() + b'\n'
    except OSError as error:
        # The error itself knows only a number.
        raise program.Failure('standard input: ' + program.describe(error)) from None


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog='./run', epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Builds Patchbay if needed and boots it in QEMU.')
    parser.add_argument('arch', nargs='?', choices=build.ARCHES, help='i386 if none is named')
    script = parser.add_mutually_exclusive_group()
    script.add_argument('-c', metavar='COMMANDS', dest='script',
                        help='run these (separated by newline or ;), print their output, power off')
    script.add_argument('--script', metavar='FILE', dest='script_file',
                        help='the same with the commands in this file (-: standard input, all of '
                        'which is read first)')
    parser.add_argument('--module', metavar='"FILE [PARAMETER=VALUE...]"', action='append',
                        default=[], help='compile this C file as a module, and insmod it at boot '
                        '(repeatable)')
    parser.add_argument('--tests', action='store_true',
                        help='the image that has the kernel\'s tests: `ktest`, `bench`')
    sanitizer = parser.add_mutually_exclusive_group()
    sanitizer.add_argument('--kasan', dest='sanitizer', action='store_const', const='kasan',
                           help='a kernel that reports bad accesses to memory, in a build '
                           'directory of its own (docs/testing.md)')
    sanitizer.add_argument('--kcsan', dest='sanitizer', action='store_const', const='kcsan',
                           help='the same for data races')
    parser.add_argument('--smp', metavar='N', type=processors, default=1, help='processors (1)')
    parser.add_argument('--mem', metavar='SIZE', type=memory, default='256',
                        help="memory, QEMU's -m (256 MiB)")
    parser.add_argument('--machine', metavar='OPTIONS', action='append', default=[],
                        help="added to QEMU's -M (gic-version=3, secure=on); a first word without "
                        "'=' is the machine (q35, microvm) in place of the usual one (repeatable)")
    parser.add_argument('--cpu', metavar='MODEL', default='max', help="QEMU's -cpu (max)")
    parser.add_argument('--icount', action='store_true',
                        help='virtual time counts instructions: runs repeat exactly')
    parser.add_argument('--grub', action='store_true',
                        help='boot by GRUB: on i386 by a BIOS and from an ISO, on arm64 by UEFI '
                        'and from a disk')
    parser.add_argument('--uefi', action='store_true',
                        help='boot by the firmware of UEFI: on i386 by GRUB and the ISO, on arm64 '
                        'without GRUB, for the kernel is a program of UEFI')
    parser.add_argument('--image', metavar='FILE', type=image_file,
                        help='boot nothing, but write what can be put on a medium: an ISO image '
                        '(i386), or the image of a disk (arm64); see docs/booting.md')
    parser.add_argument('--append', metavar='CMDLINE', action='append', default=[],
                        help="added to the end of the kernel's command line")
    parser.add_argument('--timeout', metavar='S', type=float,
                        help='give up after this many seconds (60 with -c; 0: never)')
    parser.add_argument('--record', metavar='FILE', action='append', default=[], type=record.path,
                        help='when the machine ends, in whatever way, write the trace in its memory'
                        ' in the format that the name ends with: .dat (trace-cmd, KernelShark), '
                        '.txt, .json (Perfetto), .folded, .svg (flame graph), .speedscope.json, '
                        '.ctf, or .ram for the memory (repeatable)')
    parser.add_argument('--golden', metavar='FILE',
                        help='when the machine ends, compare the trace in its memory with this one '
                        '(trace.dat or text), as tools/tracediff does; status 1 if they differ')
    parser.add_argument('--flight', action='store_true',
                        help='trace all functions from boot on, into 64 KiB for each CPU, so that '
                        'a report about how the machine ended has the last calls')
    parser.add_argument('--post-mortem', metavar='DIR', dest='post_mortem',
                        help='if the machine does not end as it should, keep its memory, '
                        'registers, log and trace there; alone: report on what is there')
    parser.add_argument('--replayable', metavar='DIR',
                        help='with --icount and a script: keep there what is needed to repeat the '
                        'run exactly, for --goto')
    parser.add_argument('--goto', nargs=2, metavar=('WHERE', 'DIR'),
                        help='repeat the run in DIR up to one line of its trace (its text, its '
                        'number in DIR/trace.txt, its time, or function:N for the Nth call), and '
                        'go on there in gdb, also backwards')
    parser.add_argument('--gdb-commands', metavar='COMMAND', action='append', dest='gdb_commands',
                        help='with --goto: do this in gdb instead of asking (repeatable)')
    parser.add_argument('--build', metavar='DIR', help='build directory (build/ARCH)')
    parser.add_argument('--gdb', action='store_true',
                        help='stop at the first instruction, for gdb with symbols')
    args = parser.parse_args(argv)
    # Alone, it is about a machine that has ended already.
    alone = argv in (['--post-mortem', args.post_mortem], ['--post-mortem=%s' % args.post_mortem])
    args.looks = alone and artifact.is_one(args.post_mortem)
    args.arch = args.arch or 'i386'
    if args.timeout is not None and not 0 <= args.timeout < float('inf'):
        parser.error('--timeout %g: seconds, or 0 for no limit' % args.timeout)
    if too_little(args.arch, args.mem):
        parser.error('--mem %s: too little memory: %s needs %d MiB'
                     % (args.mem, args.arch, MEM_MIN[args.arch]))
    if args.replayable is not None and not args.icount:
        parser.error('--replayable needs --icount, with which a run can be repeated')
    if args.replayable is not None and (args.grub or args.uefi or args.gdb or args.image):
        parser.error('--replayable: not with --grub, --uefi, --gdb or --image')
    if args.replayable is not None and args.smp > 1:
        parser.error('--replayable: QEMU repeats a run of one CPU only (--smp 1)')
    if args.gdb_commands and not args.goto:
        parser.error('--gdb-commands are for --goto')
    if args.timeout is None:
        scripted = args.script is not None or args.script_file is not None
        args.timeout = 60 if scripted and not args.gdb else 0
    return args


def too_little(arch, mem):
    """Tells whether the machine would have too little memory. QEMU and its loader say nothing of
    that, or not how much is needed: what the loader puts behind the kernel is lost if there is no
    room."""
    return qemu.memory_size(mem) < MEM_MIN[arch] << 20


def wait(machine, process, timeout, out):
    """Returns the status and the words for a guest that has ended, or that is ended now because its
    time is over. The time during which it waited for a reader of its output does not count."""
    start = time.monotonic()
    while True:
        left = timeout + out.waited() - (time.monotonic() - start) if timeout else None
        try:
            return machine.status(process.wait(left and max(left, 0.01)))
        except subprocess.TimeoutExpired:
            if timeout + out.waited() <= time.monotonic() - start:
                machine.end(process)
                return TIMED_OUT, 'no power-off within %g seconds' % timeout


def verdict(status, words, out, err=None, feed=None):
    """Returns the exit status: the guest's, unless its output or script could not be passed on."""
    if isinstance(out.error, BrokenPipeError):
        return program.BROKEN_PIPE
    if out.error:
        return program.complain('run', 'standard output: ' + program.describe(out.error))
    if feed and feed.error:
        return program.complain('run', 'standard input: ' + program.describe(feed.error))
    if words:
        program.complain('run', words)
    # If nothing can be printed on stderr, at least the status shows it.
    lost = err and err.error and not isinstance(err.error, BrokenPipeError)
    return status or (1 if lost else 0)


def run_batch(machine, symbols, timeout, piped=False, post_mortem=None):
    """Runs QEMU with its console on our stdout and its log on our stderr, and with `piped` also our
    stdin on its console. If the guest did not end by itself, tells where it was, and keeps what is
    left of it in the folder `post_mortem`. Returns the exit status."""
    process = machine.start(stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out = streams.Copy(process.stdout, 1, failed=process.kill,
                           after=qemu.UEFI_LAST_LINE if machine.uefi else None)
        err = streams.Copy(process.stderr, 2)
        feed = None
        if piped:
            feed = streams.Feed(process.stdin, process.kill, out.begun,
                                err if machine.uefi else None)
        status, words = wait(machine, process, timeout, out)
        out.join()
        err.join()
    finally:
        process.kill()
        process.wait()
    status, words = postmortem.explained(machine, symbols, status, words)
    status = verdict(status, words, out, err, feed)
    if words and post_mortem:
        artifact.try_to_keep(machine, symbols, post_mortem, status, words)
    return status


def run_terminal(machine, symbols, timeout, post_mortem=None):
    """Runs QEMU on our own terminal, whose settings are restored afterwards. If the output goes
    elsewhere, it is watched, because QEMU itself would not notice that writing fails."""
    saved = termios.tcgetattr(0) if os.isatty(0) else None
    watched = not os.isatty(1)
    process = machine.start(stdout=subprocess.PIPE if watched else None)
    out = streams.Copy(process.stdout, 1, False, process.terminate) if watched else None
    try:
        status, words = wait(machine, process, timeout, out or streams.Nobody())
        if out:
            out.join()
    finally:
        process.terminate()
        process.wait()
        if saved:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
    if post_mortem:
        status, words = postmortem.explained(machine, symbols, status, words)
        if words:
            artifact.try_to_keep(machine, symbols, post_mortem, status, words)
    return verdict(status, words, out or streams.Nobody())


def free_port(wanted=1234):
    """Returns gdb's usual port, or another one if that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise build.BuildError('no free port for gdb')


def run_gdb(machine, elf, timeout):
    """Runs QEMU, stopped at the first instruction. On a terminal gdb is started there, and QEMU
    prints where the console is; otherwise any gdb may connect."""
    port = free_port()
    machine.extra = ['-S', '-gdb', 'tcp:127.0.0.1:%d' % port]
    gdb = ['gdb-multiarch', '-q', '-ex', 'target remote 127.0.0.1:%d' % port,
           '-x', goto.HELPERS, elf]
    if not (os.isatty(0) and os.isatty(1)):
        print("run: stopped; connect with: gdb-multiarch -ex 'target remote 127.0.0.1:%d' %s"
              % (port, elf), file=sys.stderr)
        return run_batch(machine, elf, timeout) if machine.batch else \
            run_terminal(machine, elf, timeout)
    machine.console = 'pty'
    process = machine.start(stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(gdb, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
                              ).returncode
    finally:
        process.kill()
        process.wait()


def write_image(args, folder, script, files):
    """Writes the file for --image. Its kernel has its log on the console, for a machine that is not
    QEMU has no other place for it."""
    cmdline = ' '.join(['script'] * (script is not None) + args.append)
    medium = grub.medium(args.arch, folder, args.tests, cmdline, *qemu.boot_module(script, files))
    shutil.copyfile(medium, args.image)
    what = {'i386': 'CD or a USB stick', 'arm64': 'disk'}[args.arch]
    print('run: %s: %.1f MiB, for a %s' % (args.image, os.path.getsize(args.image) / 2 ** 20, what),
          file=sys.stderr)
    return 0


def keep_replayable(machine, made, symbols):
    """Completes the folder of --replayable. Returns 0, or 1 with a message."""
    try:
        replayable.keep(machine, made, symbols, record.trace_of(machine, symbols))
    except (guest.Unreadable, OSError) as why:
        why = program.describe(why) if isinstance(why, OSError) else why
        return program.complain('run', '--replayable %s: %s' % (machine.log.folder, why))
    return 0


def main(argv):
    args = arguments(argv)
    if args.looks:
        return artifact.look(args.post_mortem)
    if args.goto:
        build.setup(args.arch, 'gdb')
        return goto.go(*args.goto, args.gdb_commands)
    if args.post_mortem is not None:
        artifact.check(args.post_mortem)
    golden = record.golden(args.golden) if args.golden is not None else None
    script = read_script(args)
    piped = script is None and not args.gdb and not args.image and not os.isatty(0)
    has_medium = args.grub or args.image or (args.uefi and args.arch == 'i386')
    uefi = not args.image and (args.uefi or (args.grub and args.arch == 'arm64'))
    groups = [args.arch] + ['gdb'] * args.gdb
    build.setup(*groups, *['grub-' + args.arch] * bool(has_medium), *['uefi-' + args.arch] * uefi)
    kind = build.directory(args.arch) + ('-' + args.sanitizer if args.sanitizer else '')
    folder = build.build(args.build or kind, args.arch,
                         options=build.SANITIZERS.get(args.sanitizer, []), tests=args.tests)
    batch = piped or script is not None
    cmdline = ' '.join([qemu.boot_words(args.arch, batch, piped), *[FLIGHT] * args.flight,
                        *args.append])
    files = module.initrd(folder, args.module)
    if args.image:
        return write_image(args, folder, script, files)
    medium = None
    if has_medium:
        medium = grub.medium(args.arch, folder, args.tests, cmdline,
                             *qemu.boot_module(script, files))
    made = {'arch': args.arch, 'cmdline': cmdline, 'smp': args.smp, 'mem': args.mem,
            'icount': args.icount, 'kind': args.machine, 'cpu': args.cpu, 'batch': batch}
    if args.replayable is not None and not batch:
        raise program.Failure('--replayable needs a script (-c), for it repeats no terminal')
    log = replayable.begin(args.replayable) if args.replayable is not None else None
    machine = qemu.Machine(image=build.image(folder, args.arch, args.tests), script=script,
                           medium=medium, files=files, uefi=uefi, log=log, **made)
    symbols, unsaved = build.elf(folder, args.tests), True
    try:
        if args.gdb:
            status = run_gdb(machine, symbols, args.timeout)
        elif machine.batch:
            status = run_batch(machine, symbols, args.timeout, piped, args.post_mortem)
        else:
            status = run_terminal(machine, symbols, args.timeout, args.post_mortem)
        unsaved = False
        # A machine that has not ended well has a status that says more.
        if golden and not status:
            status = record.compare(machine, symbols, golden)
        if log:
            status = keep_replayable(machine, made, symbols) or status
        return record.save(machine, symbols, args.record) or status
    finally:
        # Also when something has ended this program before the machine.
        if unsaved:
            record.save(machine, symbols, args.record)
        machine.close()


if __name__ == '__main__':
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    program.run('run', main, sys.argv[1:])
