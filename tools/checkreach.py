#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves from a linked image that the tracer cannot trace itself: follows direct calls and jumps
from everything that runs in a trampoline, a callback, the patcher or the unwinder, and finds no function
with a patch site. Calls by pointer are followed by name: see ROOTS. Prints TAP.

usage: checkreach.py BUILD_DIRECTORY OBJDUMP"""
import collections
import re
import subprocess

import program
from checksites import Image
from tap import Tap

# What is entered by pointer or from assembly. Not every build has each of OPTIONAL.
ROOTS = {
    'trampolines and dispatch': ['ftrace_caller', 'ftrace_regs_caller', 'ftrace_assist', 'call_all',
                                 'call_all_then_direct', 'call_direct_only', 'call_nothing',
                                 'ftrace_set_caller', 'ftrace_assist_caller'],
    'the function tracer': ['function_trace_call', 'function_stack_trace_call',
                            'function_no_repeats_trace_call'],
    'the trace clocks': ['trace_clock_local', 'trace_clock_global', 'trace_clock_counter',
                         'trace_clock_uptime', 'trace_clock_cycles'],
    'trace_printk': ['__trace_printk', '__trace_vprintk'],
    'the ring buffer': ['ring_buffer_lock_reserve', 'ring_buffer_unlock_commit',
                        'ring_buffer_discard_commit', 'ring_buffer_write'],
    'the patcher': ['arch_ftrace_patch', 'arch_ftrace_read', 'arch_ftrace_form',
                    'i386_int3_handler'],
    'the unwinder': ['arch_unwind_start', 'arch_unwind_step', 'stack_trace_save',
                     'ftrace_unwind_regs', 'ftrace_unwind_frame'],
}
OPTIONAL = {'i386_int3_handler', 'ftrace_regs_caller', 'ftrace_set_caller', 'ftrace_assist_caller'}
# Where the kernel gives up: from here on it may do anything.
ENDS = {'panic', 'die', 'warn_report', '__stack_chk_fail',
        # The tracer's own state is closed there, and the preempt count keeps what is traced in the
        # scheduler from coming here again.
        'preempt_schedule'}
FUNCTION = re.compile(r'^([0-9a-f]+) <([^>]+)>:$')
BRANCH = re.compile(r'\s(?:call|jmp|j[a-z]+|bl?|b\.\w+|cbn?z|tbn?z)\s.*?\b([0-9a-f]{6,16}) <([^>+]+)>')


def call_graph(objdump, image):
    """Function start to the starts of what it calls or jumps to, other functions only."""
    graph, current = collections.defaultdict(set), None
    text = subprocess.run([objdump, '-d', '--no-show-raw-insn', image.elf.path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    for line in text.split('\n'):
        start = FUNCTION.match(line)
        branch = BRANCH.search(line)
        if start and int(start[1], 16) in image.by_address:
            current = int(start[1], 16)
        elif branch and current is not None and int(branch[1], 16) != current:
            graph[current].add(int(branch[1], 16))
    return graph


def reach(graph, image, roots):
    """Problems: a path from a root to each function with a site."""
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
        for there in graph[here]:
            name = image.by_address.get(there)
            if name and there not in paths and name.split('.')[0] not in ENDS:
                paths[there] = paths[here] + ' -> ' + name
                queue.append(there)
    return problems, len(paths)


def main():
    folder, objdump = program.arguments(__doc__, 2)
    tap, image = Tap(), Image(folder)
    graph = call_graph(objdump, image)
    for what, roots in ROOTS.items():
        problems, count = reach(graph, image, roots)
        here = {name.split('.')[0] for name in image.by_address.values()}
        problems += ['not in the image: ' + root for root in roots
                     if root not in here and root not in OPTIONAL]
        tap.case('nothing traced is reached by ' + what, problems)
        tap.note('%d functions' % count)
    return tap.done()


if __name__ == '__main__':
    program.run('checkreach', main)
