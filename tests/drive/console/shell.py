#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The console as a person uses it: line editing, history, completion, Ctrl-C, quoting, pipes, and
what it answers to mistakes. Prints TAP.

usage: shell.py ARCH BUILD_DIRECTORY"""
import re
import sys
import time

from console import Console, cases, expect
from tap import Tap

UP, DOWN, RIGHT, LEFT = '\x1b[A', '\x1b[B', '\x1b[C', '\x1b[D'
HOME, END, DELETE = '\x1b[H', '\x1b[F', '\x1b[3~'
CTRL = {c: chr(ord(c) & 31) for c in 'CDEKLUW'}
CTRL['A'] = '\x01\x01'		# QEMU takes the first: Ctrl-A x ends it


def says(console, keys, wanted):
    """Types keys and Enter, which must print exactly this output."""
    output = console.command(keys)
    expect(output == wanted, 'typed: %r' % keys, 'wanted: %r' % wanted, 'got: %r' % output)


def has(console, keys, *wanted):
    output = console.command(keys)
    for text in wanted:
        expect(text in output, 'typed: %r' % keys, 'wanted in it: %r' % text, 'got: %r' % output)


def status_is(console, line, text):
    """Types a failing command: it must name what is wrong, and the console goes on."""
    has(console, line, text)
    says(console, 'echo still here', 'still here\n')


def line_editing_moves(console):
    says(console, 'cho hello' + CTRL['A'] + 'e', 'hello\n')
    says(console, 'cho hello' + HOME + 'e' + END + ' world', 'hello world\n')
    says(console, 'echo ac' + LEFT + 'b', 'abc\n')
    says(console, 'echo ac' + LEFT + LEFT + RIGHT + 'b' + CTRL['E'] + 'd', 'abcd\n')


def line_editing_deletes(console):
    says(console, 'echo abx' + '\x7f' + 'c', 'abc\n')
    says(console, 'echo xabc' + LEFT * 4 + DELETE, 'abc\n')
    says(console, 'garbage' + CTRL['U'] + 'echo kept', 'kept\n')
    says(console, 'echo one two' + CTRL['W'] + 'three', 'one three\n')
    says(console, 'echo keep drop' + LEFT * 5 + CTRL['K'], 'keep\n')
    says(console, 'echo clear' + CTRL['L'], 'clear\n')


def long_lines_scroll(console):
    text = 'x' * 300
    says(console, 'echo ' + text, text + '\n')


def history_goes_back_and_forth(console):
    console.command('echo first')
    console.command('echo second')
    says(console, UP, 'second\n')
    says(console, UP + UP, 'first\n')
    says(console, UP + UP + UP + DOWN, 'second\n')


def completion_of_commands(console):
    has(console, 'hel\t', 'echo', 'workload')


def completion_of_paths(console):
    says(console, 'echo /sys/kern\ttra\t', '/sys/kernel/tracing/\n')


def tab_shows_what_is_possible(console):
    console.type('ec\t\t')
    console.type(CTRL['U'] + 're\t\t')
    console.child.expect('reboot')
    console.type(CTRL['C'])
    console.prompt()


def quoting(console):
    says(console, "echo 'a  b' \"c  d\" e\\ f", 'a  b c  d e f\n')
    says(console, "echo 'it;is|not>special' # comment", 'it;is|not>special\n')
    says(console, 'echo one; echo two', 'one\ntwo\n')


def globs(console):
    says(console, 'cd /sys/kernel/tracing; echo events/head*',
         'events/header_event events/header_page\n')
    has(console, 'cat events/head*', 'field: u64 timestamp', 'type_len')
    says(console, 'echo events/sched/*_wakeup*/id',
         'events/sched/sched_wakeup/id events/sched/sched_wakeup_new/id\n')
    has(console, 'head per_cpu/cpu*/stats', 'entries: ')
    says(console, "echo 'events/*' events/\\* vfs_*", 'events/* events/* vfs_*\n')
    says(console, 'cd /', '')


def pipes_and_redirection(console):
    says(console, 'echo hello | cat | grep hell', 'hello\n')
    says(console, 'echo b > /tmp/x; echo a >> /tmp/x; sort /tmp/x', 'a\nb\n')
    says(console, 'rm /tmp/x', '')
    has(console, 'cat /tmp/x', '/tmp/x', 'No such file')


def parts_of_text(console):
    says(console, 'echo b > /tmp/p; echo a >> /tmp/p; echo b >> /tmp/p; sort -u /tmp/p', 'a\nb\n')
    says(console, 'head -c 3 /tmp/p; echo; cat /tmp/p | head -c 2', 'b\na\nb\n')
    says(console, 'tail -n +2 /tmp/p', 'a\nb\n')
    says(console, 'tail -n +9 /tmp/p; sort -r -u /tmp/p; rm /tmp/p', 'b\na\n')


def lists_and_statuses(console):
    says(console, 'echo a && echo b || echo c; grep -q x /proc/cmdline || echo $?', 'a\nb\n1\n')
    says(console, 'grep -q x /proc/cmdline && echo no; echo "$?" \'$?\'', '1 $?\n')
    has(console, 'nonesuch || echo is $?', 'nonesuch: command not found', 'is 127')
    has(console, 'echo never && echo "open', 'unterminated quote')
    says(console, 'echo $?; echo $?', '2\n0\n')


def errors_redirected(console):
    says(console, 'cat /none 2> /tmp/e; cat /tmp/e; ls /none 2>> /tmp/e || wc -l /tmp/e',
         'cat: /none: No such file or directory\n2 /tmp/e\n')
    says(console, 'cat /none /proc/cmdline 2> /dev/null | wc -l; rm /tmp/e', '1\n')
    says(console, 'cat /none 2>&1 | grep -c No; cat /none > /tmp/o 2>&1; cat /tmp/o; rm /tmp/o',
         '1\ncat: /none: No such file or directory\n')
    # Some files of tracefs tell that a write was wrong only when they are closed.
    has(console, 'echo nonesuch > /sys/kernel/tracing/set_ftrace_filter 2>&1', 'Invalid argument')
    says(console, 'time cat /none 2> /tmp/e; wc -l /tmp/e; rm /tmp/e', '2 /tmp/e\n')


def background(console):
    """A reader of trace_pipe goes on while other commands run, whatever Ctrl-C ends, until kill
    ends it. Nobody may change the tracer while it has the file open."""
    says(console, 'cd /sys/kernel/tracing', '')
    has(console, 'cat trace_pipe > /tmp/f &', '[1] ')
    says(console, 'cd /; jobs', '[1]+  Running                 cat trace_pipe > /tmp/f &\n')
    ctrl_c_stops_a_command(console)
    has(console, 'sleep 100 | sleep 100 && echo never &', '[2] ')
    says(console, 'echo heard > /sys/kernel/tracing/trace_marker; jobs | wc -l', '2\n')
    says(console, 'kill -9 %2',
         '[2]+  Killed                  sleep 100 | sleep 100 && echo never\n')
    deadline = time.monotonic() + 30
    while 'heard' not in console.command('cat /tmp/f') and time.monotonic() < deadline:
        pass
    pid = re.search(r'^ *([0-9]+) .* cat$', console.command('ps'), re.MULTILINE)[1]
    says(console, 'kill ' + pid, '[1]+  Terminated              cat trace_pipe > /tmp/f\n')
    has(console, 'grep -c . /tmp/f && echo nop > /sys/kernel/tracing/current_tracer; jobs', '1\n')
    has(console, 'rmdir /none & rm /tmp/f', '[1] ')
    while 'Exit 1' not in (output := console.command('')) and time.monotonic() < deadline:
        expect('Done' not in output, output)


def kill_says_what_is_wrong(console):
    for operand, text in (('%1', '%1: no such job'), ('32000', '32000: no such process'),
                          ('1', '1: not in the background'), ('x', 'neither a PID nor a %JOB'),
                          ('-7 %1', 'there are only 9 and 15'), ('', 'usage: kill')):
        status_is(console, 'kill ' + operand, text)


def grep_in_directories(console):
    says(console, 'mkdir -p /tmp/d/e; echo one > /tmp/d/a; echo two > /tmp/d/e/b', '')
    says(console, 'grep -r o /tmp/d; cd /tmp/d; grep -rc two; grep -rq one e || echo none',
         '/tmp/d/a:one\n/tmp/d/e/b:two\n./a:0\n./e/b:1\nnone\n')
    # It does not wait for events that may never come.
    says(console, 'cd /; rm -r /tmp/d', '')
    says(console, 'grep -r nonesuch /sys/kernel/tracing/per_cpu; echo $?', '1\n')


def a_file_is_not_its_own_input(console):
    says(console, 'echo one > /tmp/own', '')
    for command in 'cat', 'grep one', 'hexdump', 'uniq':
        status_is(console, command + ' /tmp/own >> /tmp/own', 'input file is output file')
    status_is(console, 'cat < /tmp/own >> /tmp/own', 'input file is output file')
    says(console, 'sort /tmp/own >> /tmp/own; cat /tmp/own', 'one\none\n')
    says(console, 'cat /tmp/own > /tmp/own; cat /tmp/own; rm /tmp/own', '')


def ctrl_c_drops_the_line(console):
    console.type('echo never' + CTRL['C'])
    console.prompt()
    says(console, 'echo after', 'after\n')


def ctrl_c_stops_a_command(console):
    start = time.monotonic()
    console.type('sleep 30\r')
    time.sleep(0.5)
    console.type(CTRL['C'])
    console.prompt(10)
    expect(time.monotonic() - start < 10, 'sleep went on')
    says(console, 'echo after', 'after\n')


def ctrl_c_ends_who_waits_for_events(console):
    raw = '/sys/kernel/tracing/per_cpu/cpu0/trace_pipe_raw'
    for line in 'cat /sys/kernel/tracing/trace_pipe', 'cat %s | wc' % raw, 'hexdump ' + raw:
        console.type(line + '; echo behind\r')
        time.sleep(0.5)
        console.type(CTRL['C'])
        output = console.prompt(10)
        expect('\nbehind' not in output, output)
    # The commands have closed the files that they read: while they are open nobody may change the
    # tracer.
    says(console, 'echo function > /sys/kernel/tracing/current_tracer', '')
    says(console, 'echo nop > /sys/kernel/tracing/current_tracer', '')


def ctrl_c_ends_the_tests(arch, build):
    console = Console(arch, build, '--tests')
    try:
        console.type('ktest !explore; echo behind\r')
        console.child.expect(r' ok 1 ')
        console.type(CTRL['C'])
        output = console.prompt(60)
        expect('Bail out! interrupted' in output and 'behind' not in output.split('Bail out!')[1],
               output[-500:])
        says(console, 'echo after', 'after\n')
    finally:
        console.kill()


def tests_are_in_the_other_image(console):
    status_is(console, 'ktest mm', './run --tests')
    status_is(console, 'bench', './run --tests')
    says(console, 'grep -cE "ktest|^kt_|^probe_" /sys/kernel/tracing/available_filter_functions',
         '0\n')


def unknown_command(console):
    status_is(console, 'frobnicate 1', 'frobnicate')


def unknown_path(console):
    status_is(console, 'cat /no/such/file', '/no/such/file')
    status_is(console, 'cd /nowhere', '/nowhere')


def unknown_module(console):
    status_is(console, 'insmod nonesuch', 'nonesuch')


def unknown_tracer(console):
    status_is(console, 'echo nonesuch > /sys/kernel/tracing/current_tracer', 'Invalid argument')


def unknown_function(console):
    status_is(console, 'echo nonesuch > /sys/kernel/tracing/set_ftrace_filter', 'Invalid argument')


def words_too_many(console):
    """Wrong words are reported, not ignored: `trace stop now` has not stopped, and nothing panics.
    """
    for line in ('trace stop now', 'trace show -x', 'trace reset all', 'trace stat 1',
                 'trace list vfs_read',
                 'trace list -f vfs_read vfs_write', 'panic now please'):
        status_is(console, line, 'usage: ' + line.split()[0])
    says(console, 'cat /sys/kernel/tracing/tracing_on', '1\n')


def unbalanced_quote(console):
    status_is(console, "echo 'never closed", 'quote')


def too_long_line(console):
    console.type('echo ' + 'y' * 6000 + '\r')
    output = console.prompt()
    expect('long' in output, 'no word of a line of 6005 bytes: %r' % output[-300:])
    says(console, 'echo still here', 'still here\n')


def control_bytes(console):
    console.type('\x00\x01\x02\x7f\x1b[99~\x1b[1;5Q\x1f\xff' + CTRL['U'])
    says(console, 'echo still here', 'still here\n')


def power_off(console):
    status = console.close()
    expect(status == 0, 'exit status of ./run: %s' % status)


def grub_boots_to_the_same_console(build):
    console = Console('i386', build, '--grub', '--append', 'loglevel=4')
    try:
        says(console, 'cat /proc/cmdline', 'loglevel=4\n')
        has(console, 'trace record -p function -l vfs_read cat /proc/cmdline', 'vfs_read <-')
        power_off(console)
    finally:
        console.kill()


def main(arch, build):
    tap = Tap()
    opened = []

    def boots_to_a_prompt():
        opened.append(Console(arch, build))

    cases(tap, [boots_to_a_prompt])
    if opened:
        cases(tap, [
            line_editing_moves, line_editing_deletes, long_lines_scroll,
            history_goes_back_and_forth, completion_of_commands, completion_of_paths,
            tab_shows_what_is_possible, quoting, globs, pipes_and_redirection, parts_of_text,
            lists_and_statuses, errors_redirected, background, kill_says_what_is_wrong,
            grep_in_directories, a_file_is_not_its_own_input, ctrl_c_drops_the_line,
            ctrl_c_stops_a_command,
            ctrl_c_ends_who_waits_for_events, tests_are_in_the_other_image,
            unknown_command, unknown_path, unknown_module, unknown_tracer, unknown_function,
            words_too_many, unbalanced_quote, too_long_line, control_bytes, power_off], opened[0])
        opened[0].kill()
    cases(tap, [ctrl_c_ends_the_tests], arch, build)
    if arch == 'i386':
        cases(tap, [grub_boots_to_the_same_console], build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
