#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run as a program that other programs use: what it prints where, its exit status, gdb.
Prints TAP.

usage: command.py ARCH BUILD_DIRECTORY"""
import os
import re
import subprocess
import sys
import tempfile
import time

import pexpect

from console import ROOT, RUN, Console, cases, expect, once, run
from tap import Tap


def only_output_on_stdout(arch, build):
    status, out, err = run(arch, build, 'echo hello; echo world')
    expect((status, out) == (0, 'hello\nworld\n'), 'status %s' % status, out, err)
    expect('patchbay' in err.lower(), 'the kernel log is not on stderr:', err)


def quotes_and_dollars_survive(arch, build):
    status, out, _ = run(arch, build, """echo "a;b" '$x' "it's"\necho second line""")
    expect((status, out) == (0, "a;b $x it's\nsecond line\n"), status, out)


def any_bytes_survive(arch, build):
    """Tests arguments that are not UTF-8."""
    script = "echo '\udcff\x01\u00e9' | hexdump; cat /proc/cmdline | hexdump"
    status, out, err = run(arch, build, script, '--append', '\udcfe')
    expect(status == 0 and ' ff 01 c3 a9 0a' in out and ' fe 0a' in out, status, out, err[-2000:])


def long_output_arrives_whole(arch, build):
    status, out, _ = run(arch, build, 'cat /proc/kallsyms; echo the end')
    lines = out.split('\n')
    expect(status == 0 and lines[-2] == 'the end' and len(lines) > 500, status, len(lines))
    bad = [line for line in lines[:-2] if not re.match(r'^[0-9a-f]{8,16} [a-zA-Z] \S+$', line)]
    expect(not bad, bad[:5])


@once
def failing_command_is_the_status(arch, build):
    status, out, err = run(arch, build, 'cat /no/such/file; echo goes on')
    expect(status != 0, 'status 0')
    expect('goes on' in out and '/no/such/file' in out + err, out, err)


@once
def unknown_command_is_the_status(arch, build):
    status, out, err = run(arch, build, 'frobnicate')
    expect(status != 0 and 'frobnicate' in out + err, status, out, err)


@once
def refused_write_is_the_status(arch, build):
    status, out, err = run(arch, build, 'echo nonesuch > /sys/kernel/tracing/current_tracer')
    expect(status != 0 and 'Invalid argument' in out + err, status, out, err)


def panic_is_the_status(arch, build):
    status, _, err = run(arch, build, 'panic')
    expect(status == 122, 'status %s' % status)
    registers = {'i386': r'\bip: .* panic\+0x.*\n.*\bax: [0-9a-f]{8} bx: [0-9a-f]{8}',
                 'arm64': r'\bpc : panic\+0x[^$]*\bx27: [0-9a-f]{16}'}[arch]
    expect(re.search(registers, err), 'no registers:', err[-3000:])
    expect(re.search(r'panic', err, re.I) and re.search(r'\w+\+0x[0-9a-f]+/0x[0-9a-f]+', err),
           'no reason or no symbolic backtrace:', err[-3000:])


def reset_is_the_status(arch, build):
    status, _, err = run(arch, build, 'reboot')
    expect(status == 123, 'status %s' % status, err[-500:])


@once
def time_out_is_124(arch, build):
    start = time.monotonic()
    status, _, err = run(arch, build, 'sleep 100', '--timeout', '4')
    expect(status == 124 and time.monotonic() - start < 30, status)
    expect('4 seconds' in err, err[-500:])


def command_line_is_passed(arch, build):
    status, out, _ = run(arch, build, 'cat /proc/cmdline', '--append', 'loglevel=4 some=thing')
    expect(status == 0 and out.rstrip().endswith('loglevel=4 some=thing'), status, out)
    expect('patchbay.elf' not in out and 'Image' not in out, 'a file name is in it: ' + out)


@once
def filter_as_long_as_the_command_line(arch, build):
    names = ','.join(['vfs_open'] * 80 + ['vfs_readdir'])
    status, out, err = run(arch, build, 'cat /sys/kernel/tracing/set_ftrace_filter', '--append',
                           'ftrace_filter=' + names)
    expect((status, out) == (0, 'vfs_open\nvfs_readdir\n'), status, out, err[-500:])


def over_long_command_line(arch, build):
    status, out, err = run(arch, build, 'echo alive', '--append', 'x' * 3000)
    expect(status == 0 and out == 'alive\n', status, out, err[-2000:])
    expect('command line' in err, 'no word about it:', err[-2000:])


def little_memory(arch, build):
    status, out, err = run(arch, build, 'echo alive', '--mem', '32')
    expect((status, out) == (0, 'alive\n'), status, out, err[-2000:])
    status, out, err = run(arch, build, 'echo alive', '--mem', '2')
    expect(status == 2 and 'too little memory' in err and not out, status, out, err)


def machine_and_processor_are_chosen(arch, build):
    options, model, machine = {
        'i386': (['--machine', 'pc,acpi=off', '--machine', 'hpet=off', '--cpu', 'pentium2'],
                 'signature 0x652', 'no ACPI tables'),
        'arm64': (['--machine', 'gic-version=3', '--machine', 'virtualization=on',
                   '--cpu', 'cortex-a57'], 'Cortex-A57', 'GICv3')}[arch]
    status, out, err = run(arch, build, 'cat /proc/cpuinfo', *options)
    expect(status == 0 and model in out and machine in err, status, out, err)
    status, out, err = run(arch, build, 'echo not reached', '--machine', 'nonesuch')
    expect(status == 1 and 'unsupported machine' in err and not out, status, out, err)


def counted_time_repeats(arch, build):
    script = 'cd /sys/kernel/tracing; echo vfs_read > set_ftrace_filter; ' \
             'echo function > current_tracer; cat /proc/cmdline; cat trace'
    first, second = (run(arch, build, script, '--icount') for _ in range(2))
    expect(first[0] == 0 and 'vfs_read' in first[1], first)
    expect(first[1] == second[1], 'two runs differ', first[1], second[1])


@once
def second_start_builds_nothing(arch, build):
    """An image that is built is booted as it is: Ninja must run no command."""
    Console(arch, build).kill()
    with open(os.path.join(build, '.ninja_log')) as file:
        before = file.read()
    Console(arch, build).kill()
    with open(os.path.join(build, '.ninja_log')) as file:
        expect(file.read() == before, 'something was built again')


def gdb_breaks_with_symbols(arch, build):
    process = subprocess.Popen([RUN, arch, '--build', build, '--gdb', '-c', 'echo ran'], cwd=ROOT,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        hint = process.stderr.readline()
        while hint and 'target remote' not in hint:
            hint = process.stderr.readline()
        port = re.search(r'target remote (\S+?:\d+)', hint)
        expect(port, 'no word how to connect: ' + hint)
        gdb = subprocess.run(
            ['gdb-multiarch', '-q', '-batch', '-nx', '-ex', 'target remote ' + port[1],
             '-ex', 'break kernel_main', '-ex', 'continue', '-ex', 'backtrace', '-ex', 'list',
             '-ex', 'delete', '-ex', 'detach', os.path.join(build, 'patchbay.elf')],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=60)
        expect(re.search(r'Breakpoint 1, kernel_main \(.*\) at .*main\.c:\d+', gdb.stdout),
               gdb.stdout)
        out, _ = process.communicate(timeout=60)
        expect(out == 'ran\n' and process.returncode == 0, out, process.returncode)
    finally:
        process.kill()
        process.wait()


@once
def gdb_on_a_terminal(arch, build):
    child = pexpect.spawn(RUN, [arch, '--build', build, '--gdb'], cwd=ROOT, timeout=60,
                          encoding='utf-8', codec_errors='replace', dimensions=(50, 132),
                          env=dict(os.environ, TERM='dumb'))
    child.expect(r'\(gdb\) ')
    child.send('break kernel_main\r')
    child.expect(r'Breakpoint 1 at .*main\.c.*\(gdb\) ')
    child.send('continue\r')
    child.expect(r'Breakpoint 1, .*kernel_main \(.*\(gdb\) ')
    child.send('kill\r')
    child.expect(r'\(y or n\)')
    child.send('y\r')
    # What QEMU says when it is killed may come in the middle of the prompt.
    child.expect(r'gdb\) ')
    child.send('quit\r')
    child.expect(pexpect.EOF)
    child.close()
    expect(child.exitstatus == 0, 'status %s' % child.exitstatus)


CLIENT = """
#include <linux/ftrace.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error too old
#endif
static int loops = 2;
module_param(loops, int, 0444);
noinline int client_work(int n) { barrier(); return n + 1; }
static int __init client_init(void)
{
	int n = 0;
	for (int i = 0; i < loops; i++)
		n = client_work(n);
	pr_info("client: %d\\n", (int)div_u64((u64)n * 1000000000, 1000000000));
	if (IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS) != FTRACE_HAVE_SAVE_REGS)
		return -ENODEV;
	return loops > 100 ? -EINVAL : 0;
}
static void __exit client_exit(void) { pr_info("client: gone\\n"); }
module_init(client_init);
module_exit(client_exit);
MODULE_LICENSE("GPL");
"""


def with_client(arch, build, script, *options, source=CLIENT, params=''):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'my-client.c')
        with open(path, 'w') as file:
            file.write(source)
        return run(arch, build, script, '--module', path + params, *options)


def module_from_outside_the_tree(arch, build):
    status, out, err = with_client(
        arch, build, 'cat /proc/modules; cd /sys/kernel/tracing; '
        'grep client_ available_filter_functions; rmmod my-client; lsmod', params=' loops=5')
    expect(status == 0 and 'client: 5' in err and 'client: gone' in err, status, out, err)
    expect(re.match(r'my_client \d+ 0 - Live 0x[0-9a-f]+\n', out), out)
    expect('client_work [my_client]\n' in out and 'my_client ' not in out.split('State')[1], out)


def client_written_for_linux(arch, build):
    source = os.path.join(ROOT, 'tests', 'guest', 'modules', 'linux_client.c')
    status, out, err = run(arch, build, 'workload mm 50; cd /sys/kernel/tracing; '
                           'grep -c "handle mm fault" trace; grep kernel_clone trace; '
                           'rmmod linux_client', '--smp', '2', '--module',
                           source + ' rounds=5 verbose=1')
    expect(status == 0 and 'warning:' not in err, status, out, err)
    expect('linux_client: 5 threads' in err, err)
    for name in 'schedule', 'wake_up_process', 'kernel_clone', 'handle_mm_fault':
        expect('linux_client: %s: called' % name in err, name, err)
    expect(re.search(r'^[1-9]\d*$', out, re.M), out)
    expect(re.search(r': count: kernel_clone <- kthread_create\+\S+ on \d: '
                     r'arg [0-9a-f]+ of [0-9a-f]+, irqs 0, sp [0-9a-f]+$', out, re.M), out)


def client_that_includes_little(arch, build):
    source = os.path.join(ROOT, 'tests', 'guest', 'modules', 'linux_includes.c')
    status, out, err = run(arch, build, 'rmmod linux_includes', '--module', source + ' nr=7')
    expect(status == 0 and 'warning:' not in err, status, out, err)
    expect(re.search(r'insmod: 7 ops on wake_up_process, 0 missed a call, \d+ ns$', err, re.M), err)


def module_is_traced_from_its_init_on(arch, build):
    status, out, err = with_client(
        arch, build, 'cat /sys/kernel/tracing/trace', '--append',
        'ftrace=function ftrace_filter=*:mod:my_client')
    names = re.findall(r': (client_\w+) <-(\w+)', out)
    expect(status == 0 and names == [('client_init', 'do_init_module')] +
           [('client_work', 'client_init')] * 2, status, out, err[-2000:])


@once
def failing_module_is_the_status(arch, build):
    status, out, err = with_client(arch, build, 'echo not reached', params=' loops=101')
    expect(status not in (0, 124) and 'not reached' not in out, status, out)
    expect('Invalid argument' in out + err, out, err)


@once
def module_that_does_not_compile(arch, build):
    status, _, err = with_client(arch, build, 'lsmod', source='int f(void) { return nonesuch; }')
    expect(status not in (0, 124) and 'nonesuch' in err and 'does not compile' in err, status, err)


@once
def module_files_that_are_none(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in {'text.ko': b'hello', 'empty.o': b'', 'notes.txt': b'int i;',
                           'empty.c': b'', 'quote\'s.c': b'#error here\n'}.items():
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(data)
        os.mkdir(os.path.join(folder, 'folder.c'))
        for name, word in {'missing.c': 'no such file', 'missing.ko': 'no such file',
                           '': 'is no file',
                           'folder.c': 'is no file', 'notes.txt': 'neither C',
                           'text.ko': 'not an ELF file', 'empty.o': 'not an ELF file',
                           'empty.c': 'not a module', "quote's.c": 'does not compile'}.items():
            status, out, err = run(arch, build, 'echo not reached', '--module',
                                   os.path.join(folder, name))
            expect(status == 1 and word in out + err and 'not reached' not in out and
                   'Traceback' not in err, name, status, out, err)


@once
def module_names_and_parameters_with_blanks(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'my client.c')
        with open(path, 'w') as file:
            file.write(CLIENT)
        status, out, err = run(arch, build, 'lsmod', '--module', path)
        expect(status == 0 and 'my_client' in out, status, out, err)
        status, out, err = run(arch, build, 'lsmod', '--module', "'%s' 'loops=4 5'" % path)
        expect(status == 1 and 'loops: 4 5 is no int' in out + err, status, out, err)
        foreign = os.path.join(folder, 'z\u00e4hler-\u6570.c')
        os.rename(path, foreign)
        status, out, err = run(arch, build, 'lsmod', '--module', foreign)
        expect(status == 0 and 'z_hler__' in out, status, out, err)


def samples_as_files(arch, build):
    words = [w for name in ('ops', 'direct', 'direct-modify', 'direct-multi')
             for w in ('--module', os.path.join(ROOT, 'samples', 'ftrace-%s.c' % name))]
    status, out, err = run(arch, build, 'rmmod ftrace_ops; rmmod ftrace_direct; lsmod', *words[:4])
    expect(status == 0 and 'calls of vfs_' in err, status, out, err)
    for i in (4, 6):
        status, out, err = run(arch, build,
                               'lsmod; workload sched 5; cat /sys/kernel/tracing/trace',
                               *words[i:i + 2])
        expect(status == 0 and 'my direct func' in out, status, out[-2000:], err)


@once
def bad_arguments(arch, build):
    for words in (['sparc'], ['--smp', 'x'], ['--image', '/'], ['--nonesuch'],
                  ['--timeout', '-1'], ['--timeout', 'nan'], ['--smp', '0'], ['--smp', '-1'],
                  ['--mem', '0'], ['--mem', '0.0G'], ['--mem', 'much'], ['--mem', '12X'],
                  ['-c', 'echo', '--script', '/dev/null']):
        done = subprocess.run([RUN, *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        expect(done.returncode == 2 and 'usage' in done.stderr, words, done.returncode, done.stderr)


def main(arch, build):
    tap = Tap()
    tests = [only_output_on_stdout, quotes_and_dollars_survive, any_bytes_survive,
             long_output_arrives_whole, failing_command_is_the_status,
             unknown_command_is_the_status, refused_write_is_the_status, panic_is_the_status,
             reset_is_the_status, time_out_is_124, command_line_is_passed,
             filter_as_long_as_the_command_line, over_long_command_line, little_memory,
             machine_and_processor_are_chosen, counted_time_repeats,
             second_start_builds_nothing,
             gdb_breaks_with_symbols, gdb_on_a_terminal, bad_arguments,
             module_from_outside_the_tree, client_written_for_linux, client_that_includes_little,
             module_is_traced_from_its_init_on, failing_module_is_the_status,
             module_that_does_not_compile, module_files_that_are_none,
             module_names_and_parameters_with_blanks, samples_as_files]
    cases(tap, tests, arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
