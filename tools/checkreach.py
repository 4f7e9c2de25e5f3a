#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves from a linked image that the tracer cannot trace itself: follows direct calls and jumps
from everything that runs in a trampoline, a callback, the patcher or the unwinder, and finds no function
with a patch site; so from everything that reports a fault. Calls by pointer are followed by name: see
ROOTS and POINTERS. Prints TAP.

usage: checkreach.py BUILD_DIRECTORY/IMAGE.elf OBJDUMP"""
import collections
import re
import subprocess

import program
from checksites import Image
from tap import Tap

CLOCKS = ['trace_clock_local', 'trace_clock_global', 'trace_clock_counter', 'trace_clock_uptime',
          'trace_clock_cycles']
PRINTERS = ['fn_text', 'fn_raw', 'fn_hex', 'fn_bin', 'stack_text', 'printk_text', 'printk_raw',
            'raw_data_text', 'repeats_text', 'repeats_raw', 'unknown_text', 'unknown_raw',
            'no_output']
# What is entered by pointer or from assembly. Not every build has each of OPTIONAL.
ROOTS = {
    'trampolines and dispatch': ['ftrace_caller', 'ftrace_regs_caller', 'ftrace_assist', 'call_all',
                                 'call_all_then_direct', 'call_direct_only', 'call_nothing',
                                 'ftrace_set_caller', 'ftrace_assist_caller'],
    'the function tracer': ['function_trace_call', 'function_stack_trace_call',
                            'function_no_repeats_trace_call'],
    'the trace clocks': CLOCKS,
    'trace_printk': ['__trace_printk', '__trace_vprintk'],
    'the ring buffer': ['ring_buffer_lock_reserve', 'ring_buffer_unlock_commit',
                        'ring_buffer_discard_commit', 'ring_buffer_write'],
    'the patcher': ['arch_ftrace_patch', 'arch_ftrace_read', 'arch_ftrace_form',
                    'i386_int3_handler'],
    'reports': ['panic', 'die', 'warn_report', 'i386_exception', 'i386_double_fault_report',
                'arm64_sync', 'arm64_bad_stack', 'arm64_bad_exception', 'watchdog_tick',
                'nmi_handle', 'i386_nmi', 'smp_handle_ipi', 'arch_end_at_once'],
    'the unwinder': ['arch_unwind_start', 'arch_unwind_step', 'stack_trace_save',
                     'ftrace_unwind_regs', 'ftrace_unwind_frame'],
}
# Whom a function calls by a pointer; nobody else may, so that a new one is thought of. Empty: only what
# others hand in, which is theirs, or tests' hooks.
POINTERS = {
    'ring_buffer_lock_reserve': CLOCKS, 'ring_buffer_time_stamp': CLOCKS, 'rb_reserve': CLOCKS,
    'rb_clock': CLOCKS,		# out of line at -Os, as the two below
    'on_each_cpu': [], 'call_here': [],
    'ftrace_caller': [], 'ftrace_regs_caller': [], 'ftrace_set_caller': [],
    'ftrace_assist_caller': [], 'ftrace_assist': [], 'call_all': [], 'call_all_then_direct': [],
    'i386_exception': [], 'arm64_sync': [], 'nmi_handle': [],
    'smp_handle_ipi': [],		# in a report only to stop
    'pgtable_entry': [],		# no table is missing where the patcher has its window
    'trace_print_line': PRINTERS, 'print_part': PRINTERS, 'print_default': PRINTERS,
}
OPTIONAL = {'i386_exception', 'i386_double_fault_report', 'arm64_sync', 'arm64_bad_stack',
            'arm64_bad_exception', 'i386_nmi', 'i386_int3_handler', 'ftrace_regs_caller',
            'ftrace_set_caller', 'ftrace_assist_caller'}
# Where a way ends: a report, which is a root of its own, a page that is brought in for who was
# interrupted, or other threads.
ENDS = {'panic', 'die', 'warn_report', '__stack_chk_fail', 'vmap_fault', 'preempt_schedule_irq',
        # The tracer's own state is closed there, and the preempt count keeps what is traced in the
        # scheduler from coming here again.
        'preempt_schedule'}
FUNCTION = re.compile(r'^([0-9a-f]+) <([^>]+)>:$')
BRANCH = re.compile(r'\s(?:call|jmp|j[a-z]+|bl?|b\.\w+|cbn?z|tbn?z)\s.*?\b([0-9a-f]{6,16}) <([^>+]+)>')
POINTER = re.compile(r'\s(?:(?:call|jmp)\s+\*|blr\s|br\s+x)')
# A switch: an entry of a table, by its number.
TABLE = re.compile(r'jmp\s+\*\S*\(,%\w+,4\)|add\sx\d+, x\d+, w\d+, sxt.*\sbr\s')


def call_graph(objdump, image):
    """Function start to the starts of what it calls or jumps to, other functions only; and the starts
    of those that call by a pointer."""
    graph, current, by_pointer, before = collections.defaultdict(set), None, set(), ''
    text = subprocess.run([objdump, '-d', '--no-show-raw-insn', image.elf.path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    for line in text.split('\n'):
        start = FUNCTION.match(line)
        branch = BRANCH.search(line)
        if start and int(start[1], 16) in image.by_address:
            current = int(start[1], 16)
        elif branch and current is not None and int(branch[1], 16) != current:
            graph[current].add(int(branch[1], 16))
        elif current is not None and POINTER.search(line) and not TABLE.search(before + line):
            by_pointer.add(current)
        before = line
    return graph, by_pointer


def reach(graph, by_pointer, image, roots):
    """Problems: a path from a root to each function with a site, and to each that may call any."""
    names = collections.defaultdict(list)
    for address, name in image.by_address.items():
        names[name.split('.')[0]].append(address)
    paths = {a: image.by_address[a] for root in roots for a in names[root]}
    queue, problems = list(paths), []
    while queue:
        here = queue.pop(0)
        if here in image.sites:
            problems.append('%s has a site: %s' % (image.by_address[here], paths[here]))
            continue
        me = image.by_address[here].split('.')[0]
        if here in by_pointer and me not in POINTERS:
            problems.append('%s calls by a pointer: %s' % (me, paths[here]))
        called = [a for name in POINTERS.get(me, ()) for a in names[name]]
        problems += ['not in the image: ' + name for name in POINTERS.get(me, ())
                     if not names[name]]
        for there in [*graph[here], *called]:
            name = image.by_address.get(there)
            if name and there not in paths and name.split('.')[0] not in ENDS:
                paths[there] = paths[here] + ' -> ' + name
                queue.append(there)
    return problems, len(paths)


def main():
    path, objdump = program.arguments(__doc__, 2)
    tap, image = Tap(), Image(path)
    graph, by_pointer = call_graph(objdump, image)
    for what, roots in ROOTS.items():
        problems, count = reach(graph, by_pointer, image, roots)
        here = {name.split('.')[0] for name in image.by_address.values()}
        problems += ['not in the image: ' + root for root in roots
                     if root not in here and root not in OPTIONAL]
        tap.case('nothing traced is reached by ' + what, problems)
        tap.note('%d functions' % count)
    return tap.done()


if __name__ == '__main__':
    program.run('checkreach', main)
