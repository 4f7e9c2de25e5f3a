#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the kernel while something is attached to its functions, in each way that a client can:
the report must be whole and the only one, and the machine must end with a failing status. Prints
TAP.

usage: reports.py ARCH BUILD_DIRECTORY"""
import os
import re
import sys

from console import ROOT, cases, expect, run
from tap import Tap

MODULE = os.path.join(ROOT, 'tests', 'guest', 'modules', 'crash_module.c')
# Works for a while on every CPU, so that functions are called everywhere.
LOAD = 'workload sched 50; sleep 1; workload sched 50'
PARTS = [r'^\[[^]]*\] (Oops|Kernel panic - not syncing): \S.*$',
         r'^\[[^]]*\] CPU: \d+ PID: \d+ Comm: \S+ Patchbay .*\)$', r'^\[[^]]*\] (ip|pc) ?: \S.*$',
         r'^\[[^]]*\] Call trace:$', r'^\[[^]]*\]  \[<[0-9a-f]+>\] \S+\+0x',
         r'^\[[^]]*\] ---\[ end Kernel panic - not syncing: .* \]---$']


def report(arch, build, script, parameters, *options, says=''):
    """Boots and breaks the kernel. Returns the log, once it is proven that it has what every report
    must have."""
    module = ['--module', ' '.join([MODULE, *parameters])] if parameters is not None else []
    status, _, log = run(arch, build, script, *module, *options, '--timeout', '60')
    log = log.replace('\r', '')
    expect(status == 122, 'exit status %s' % status, log[-3000:])
    expect('fault while reporting' not in log, log[-3000:])
    at = 0
    for part in PARTS:
        found = re.compile(part, re.M).search(log, at)
        expect(found, 'not in the report: ' + part, log[-3000:])
        at = found.start()
    expect(len(re.findall(PARTS[0], log, re.M)) == 1 == len(re.findall(PARTS[-1], log, re.M)),
           'more than one report', log[-3000:])
    expect(says in log, 'the log lacks ' + says, log[-3000:])
    return log


def a_callback_that_faults_on_every_function(arch, build):
    report(arch, build, LOAD, ['f=*'], says='NULL pointer')


def one_that_overflows_the_stack(arch, build):
    report(arch, build, LOAD, ['f=*', 'what=overflow'], says='stack overflow')


def one_that_is_traced_itself(arch, build):
    report(arch, build, LOAD, ['f=*', 'what=traced'], says='stack overflow')


def a_direct_function_that_faults(arch, build):
    report(arch, build, LOAD, ['f=wake_up_process', 'what=direct'], says='NULL pointer')


def a_callback_that_faults_in_an_interrupt(arch, build):
    report(arch, build, LOAD, ['f=*', 'where=irq'], says='NULL pointer')


def one_that_faults_on_one_of_four_CPUs(arch, build):
    log = report(arch, build, LOAD, ['f=*', 'where=cpu2'], '--smp', '4', says='NULL pointer')
    expect('CPU: 2 PID' in log, log[-2000:])


def two_CPUs_that_report_at_once(arch, build):
    report(arch, build, LOAD, ['what=panics'], '--smp', '4', says='asked for on CPU')


def one_while_other_CPUs_print(arch, build):
    """The other CPUs stand still before the first line of the report, so nothing is between its
    lines."""
    log = report(arch, build, LOAD, ['what=talks'], '--smp', '4', says='while others talk')
    before, _, after = log.partition('Kernel panic')
    expect('\n\n' in before and 'CPU 1 talks' in before, 'who printed?', before[-3000:])
    expect(not re.search(r'CPU 1 talks|\n\n', after), 'a CPU went on', after)


def a_panic_with_every_function_traced_and_a_dump(arch, build):
    log = report(arch, build, 'cd /sys/kernel/tracing; echo 64 > buffer_size_kb; '
                 'echo function > current_tracer; panic now', None, '--append',
                 'ftrace_dump_on_oops', says='Dumping ftrace buffer')
    expect(re.search(r'run_panic|kthread_main|shell_', log), log[-2000:])


def a_fault_with_a_dump(arch, build):
    report(arch, build, 'echo function > /sys/kernel/tracing/current_tracer; ' + LOAD,
           ['f=vfs_*'], '--append', 'ftrace_dump_on_oops', '--append', 'trace_buf_size=64k')


def cut_short(arch, build, what, second, first):
    """A fault in the report itself is told in one line, and another line tells what the report was
    of. The machine ends as well."""
    status, _, log = run(arch, build, 'echo not reached', '--module', MODULE + ' what=' + what,
                         '--timeout', '30')
    log = log.replace('\r', '')
    expect(status == 122, 'exit status %s' % status, log[-3000:])
    told = re.findall('^fault while reporting a fault: (.*)\n(.*)$', log, re.M)
    expect(len(told) == 1 and second in told[0][0] and first in told[0][1], told, log[-3000:])
    return log


def a_fault_in_the_stack_trace(arch, build):
    log = cut_short(arch, build, 'stack', 'not mapped', 'the report was of: on a bad stack')
    expect(re.search(r'Call trace:\n.* panic\+.*\n.* panic_on_a_bad_stack', log), log[-2000:])


def a_fault_before_anything_is_told(arch, build):
    cut_short(arch, build, 'current', 'not mapped', 'the report was of: NULL pointer dereference')


def a_third_fault(arch, build):
    """The reason of the report cannot be read either."""
    cut_short(arch, build, 'words', 'NULL pointer dereference', '')


def nothing_of_a_report_can_be_traced(arch, build):
    """These once cut the report short, or made it endless."""
    status, out, log = run(arch, build, 'cat /sys/kernel/tracing/available_filter_functions')
    functions = set(out.split('\n'))
    expect(status == 0 and 'vfs_read' in functions, status, log[-2000:])
    found = functions & {'arch_poweroff', 'arch_halt', 'arch_cpu_describe', 'arch_end_at_once',
                         'arch_clock_hz', 'task_comm_of', 'die', 'printk', 'show_stack'}
    expect(not found, 'can be traced: ' + ' '.join(found))


def main(arch, build):
    tap = Tap()
    cases(tap, [a_callback_that_faults_on_every_function, one_that_overflows_the_stack,
                one_that_is_traced_itself, a_direct_function_that_faults,
                a_callback_that_faults_in_an_interrupt, one_that_faults_on_one_of_four_CPUs,
                two_CPUs_that_report_at_once, one_while_other_CPUs_print,
                a_panic_with_every_function_traced_and_a_dump, a_fault_with_a_dump,
                a_fault_in_the_stack_trace, a_fault_before_anything_is_told, a_third_fault,
                nothing_of_a_report_can_be_traced], arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
