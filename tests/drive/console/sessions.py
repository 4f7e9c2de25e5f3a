#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole tracing sessions by ./run -c, and what they must print: one function with its callers, a
direct call beside the function tracer, every function traced under load, mistakes. Prints TAP.

usage: sessions.py ARCH BUILD_DIRECTORY"""
import re
import sys

from console import cases, expect, run
from tap import Tap

TRACING = 'cd /sys/kernel/tracing; '
# A line TASK-PID [CPU] FLAGS TIME: TEXT, as Linux prints it.
LINE = re.compile(r'^ {0,15}(\S.{0,15})-(\d+) +\[(\d{3})\] (\S{5}) +(\d+\.\d{6}): (.*)$')
CALL = re.compile(r'^(\S+) <-(\S+)$')


def events(text):
    """Returns (task, text) of each line of a trace. Every line that is no comment must be an event.
    """
    found = []
    for line in text.split('\n'):
        if not line or line.startswith('#'):
            continue
        match = LINE.match(line)
        expect(match, 'not a line of a trace: %r' % line)
        found.append((match[1], match[6]))
    return found


def only_vfs_read(arch, build):
    script = TRACING + 'echo vfs_read > set_ftrace_filter; echo function > current_tracer; ' \
        'cat /proc/cmdline; cat trace'
    status, out, err = run(arch, build, script)
    expect(status == 0, status, out, err[-2000:])
    cmdline, _, trace = out.partition('\n')
    expect('script' in cmdline, cmdline)
    calls = [CALL.match(text) for _, text in events(trace)]
    expect(calls and all(calls), out)
    expect({call[1] for call in calls} == {'vfs_read'}, out)
    expect({call[2] for call in calls} <= {'cat_file', 'copy_file', 'read_file'}, out)


def direct_call_beside_the_tracer(arch, build):
    script = TRACING + 'insmod ftrace-direct; cat enabled_functions; echo ===; ' \
        'echo function > current_tracer; cat enabled_functions; echo ===; ' \
        'workload sched 200; head -60 trace; echo ===; echo 0 > tracing_on; cat trace'
    status, out, err = run(arch, build, script)
    expect(status == 0, status, out[-2000:], err[-2000:])
    alone, both, head, trace = out.split('===\n')
    expect(re.fullmatch(r'wake_up_process \(1\) {5}D {3}M \n\tdirect-->my_tramp\+0x0/0x\w+\n',
                        alone),
           repr(alone))
    line = re.search(r'^wake_up_process \(2\).*\n.*', both, re.M)
    expect(line and re.match(r'wake_up_process \(2\) {5}D {3}M '
                             r'\ttramp: \S+ ->call_one_then_direct\S*'
                             r'\n\tdirect-->my_tramp\+0x0/0x\w+', line[0]), line and repr(line[0]))
    texts = [text for _, text in events(trace)]
    calls = sum(text.startswith('wake_up_process <-') for text in texts)
    direct = sum(text.startswith('my_direct_func: waking up ') for text in texts)
    expect(calls > 100 and abs(calls - direct) <= 2, '%d calls, %d direct' % (calls, direct))
    expect('my_direct_func: waking up ' in head, head)


def every_function_under_load(arch, build):
    script = 'echo function > /sys/kernel/tracing/current_tracer; workload sched 2000; ' \
        'workload fs 1000; workload mm 1000; cat /sys/kernel/tracing/per_cpu/cpu0/stats'
    status, out, err = run(arch, build, script, timeout=300)
    expect(status == 0 and 'sched:' in out and 'fs:' in out and 'mm:' in out, status, out,
           err[-3000:])
    dropped = re.search(r'dropped events: (\d+)', out)
    expect(dropped and dropped[1] == '0', out)


def modules_come_and_go(arch, build):
    names = ['ftrace-ops', 'ftrace-direct', 'ftrace-direct-multi', 'ftrace-direct-modify']
    script = ''.join('insmod %s; workload sched 30; rmmod %s; ' % (n, n) for n in names)
    status, out, err = run(arch, build, script + 'cat /sys/kernel/tracing/enabled_functions; '
                           'echo end')
    expect(status == 0 and out.endswith('answered\nend\n'), status, out, err[-2000:])


def a_megabyte_into_each_file(arch, build):
    """Mistakes change nothing and crash nothing, and the console goes on."""
    script = 'mkdir /tmp/big; cd /tmp/big; echo 0123456789abcdef > a; '
    script += ''.join('cat a a a a a a a a > b; cat b b b b b b b b > a; ' for _ in range(3))
    script += 'wc -c a; cd /sys/kernel/tracing; '
    for name in ('current_tracer', 'set_ftrace_filter', 'set_ftrace_notrace', 'tracing_on',
                 'buffer_size_kb', 'trace_clock', 'trace_options', 'trace_marker'):
        script += 'cat /tmp/big/a > %s; ' % name
    script += 'echo nop > current_tracer; cat current_tracer tracing_on trace_clock; echo end'
    status, out, err = run(arch, build, script)
    expect(int(re.search(r'(\d+)', out)[1]) > 1000000, out)
    expect(out.rstrip().endswith('end') and '[local]' in out, status, out[-1500:], err[-1500:])
    expect(status not in (0, 124), 'no write failed')


def boot_parameters(arch, build):
    status, out, err = run(arch, build, 'cd /sys/kernel/tracing; cat current_tracer '
                           'events/sched/sched_switch/trigger set_event '
                           'instances/boot/set_event instances/boot/tracing_on; '
                           'cat set_ftrace_filter; cat trace | head -n 20', '--append',
                           'ftrace=function ftrace_filter=vfs_* trace_buf_size=64K '
                           'trace_event=kmalloc trace_instance=boot^traceoff,sched_waking '
                           'trace_trigger="sched_switch.stacktrace:0 if prev_pid == -1"')
    expect(status == 0 and out.startswith(
        'function\nstacktrace:count=0 if prev_pid == -1\nkmem:kmalloc\n'
        'sched:sched_waking\n0\n') and
        'vfs_read' in out, status, out, err)
    status, out, err = run(arch, build, 'cd /sys/kernel/tracing; cat current_tracer '
                           'tracing_thresh max_graph_depth set_graph_function set_graph_notrace '
                           '/proc/sys/kernel/stack_tracer_enabled stack_trace_filter; '
                           'head -n 3 stack_trace; grep Snapshot snapshot',
                           '--append', 'ftrace=function_graph tracing_thresh=7 '
                           'ftrace_graph_max_depth=3 ftrace_graph_filter=vfs_read,vfs_write '
                           'ftrace_graph_notrace=vfs_walk stacktrace stacktrace_filter=vfs_read '
                           'alloc_snapshot')
    expect(status == 0 and out.startswith(
        'function_graph\n7\n3\nvfs_read\nvfs_write\nvfs_walk\n1\nvfs_read\n        Depth '),
        status, out, err)
    expect(out.endswith('* Snapshot is allocated *\n# Snapshot commands:\n'), status, out, err)
    expect(re.search(r'^  0\) +\d+ +\d+   vfs_read\+0x', out, re.M), status, out, err)


def boot_parameters_that_make_no_sense(arch, build):
    """Each wrong parameter is named in the log and ignored."""
    words = ['ftrace=nonesuch', 'tracing_thresh=soon', 'ftrace_graph_max_depth=deep',
             'ftrace_graph_filter=nonesuch', 'ftrace_filter=nonesuch',
             'stacktrace_filter=nonesuch', 'trace_trigger=sched_switch.nonesuch',
             'trace_instance=a/b',
             'trace_buf_size=18446744073709551616', 'ftrace_dump_on_oops=maybe']
    status, out, err = run(arch, build, 'cd /sys/kernel/tracing; cat current_tracer buffer_size_kb '
                           'set_ftrace_filter', '--append', ' '.join(words))
    expect(status == 0 and out == 'nop\n7 (expanded: 1408)\n#### all functions enabled ####\n',
           status, out, err)
    for word in words:
        expect(word + ': Invalid argument' in err, word, err)


def boot_parameters_out_of_range(arch, build):
    """The log has the word, the reason, and what is used instead; also for words that nobody knows.
    """
    flag = {'i386': 'debugcon', 'arm64': 'semihosting'}[arch]
    long_zero = 70 * '0'
    boots = [{
        'loglevel=abc': 'loglevel=abc is not a number from 0 to 15: 7 is used',
        'nr_cpus=' + long_zero + '1': '0 is not a number from 1 to',
        'watchdog_thresh=3601': 'watchdog_thresh=3601 is not a number from 0 to 3600: 10 is used',
        'trace_buf_size=999999999999': 'KiB for each CPU will be used',
        'ftrace_filter=': 'ftrace_filter=: nothing is named, ignored',
        'ftrace_fliter=vfs_* BOOT_IMAGE=/x console=ttyS0 "a b=1" nr_cpu=1':
            'Unknown words on the command line, ignored: ftrace_fliter=vfs_* "a b=1" nr_cpu=1\n',
    }, {
        'loglevel=': 'loglevel= is not a number from 0 to 15: 7 is used',
        'nr_cpus=1x': 'nr_cpus=1x is not a number from 1 to 2147483647: 8 is used',
        'watchdog_thresh=-1': 'watchdog_thresh=-1 is not a number',
        'trace_buf_size=250M': 'trace_buf_size=250M: Cannot allocate memory: 1408 KiB for each CPU',
        flag + '=maybe ' + flag: '',
    }]
    for words in boots:
        status, out, err = run(arch, build, 'cat /sys/kernel/tracing/buffer_size_kb', '--append',
                               ' '.join(words))
        expect(status == 0 and out == '7 (expanded: 1408)\n', status, out, err)
        for said in words.values():
            expect(said in err, said, err)
        expect(('Unknown' in err) == ('fliter' in ' '.join(words)), err)


def panic_dumps_the_trace(arch, build):
    status, _, err = run(arch, build, 'echo function > /sys/kernel/tracing/current_tracer; panic',
                         '--append', 'ftrace_dump_on_oops trace_buf_size=16K')
    expect(status not in (0, 124) and ' <-' in err, status, err[-3000:])


def main(arch, build):
    tap = Tap()
    tests = [only_vfs_read, direct_call_beside_the_tracer, every_function_under_load,
             modules_come_and_go, a_megabyte_into_each_file, boot_parameters,
             boot_parameters_that_make_no_sense, boot_parameters_out_of_range,
             panic_dumps_the_trace]
    cases(tap, tests, arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
