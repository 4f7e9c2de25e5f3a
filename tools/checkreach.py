#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves from a linked image that the tracer cannot trace itself: follows direct calls and jumps
from everything that runs in a trampoline, a callback, the patcher or the unwinder, and finds no
function with a patch site; so from exceptions, and from everything that reports a fault. The image
tells where these ways begin: its sections do, and the types of functions in its debug information.
Calls by pointer are followed by tables in the image: see POINTERS. Prints TAP.

usage: checkreach.py BUILD_DIRECTORY/IMAGE.elf OBJDUMP"""
import collections
import re
import subprocess

import program
from checksites import Image
from dwarf_units import functions_like
from elf import STT_OBJECT
from tap import Tap

# Functions of this type are what an ops calls. Tests have some callbacks that call traced functions
# on purpose.
CALLBACK, TESTS = 'ftrace_func_t', re.compile(r'-tests\.a\b')
# Functions that report faults. Anything may end in one of them, so all other paths end there, and
# new paths begin there.
REPORTS = ['panic', 'die', 'warn_report']
# Further roots, which nothing in the image distinguishes from other functions: what clients'
# callbacks may call, what changes sites, and what watches over the machine.
CALLED = {
    'trace_printk': ['__trace_printk', '__trace_bprintk'],
    'the ring buffer': ['ring_buffer_lock_reserve', 'ring_buffer_unlock_commit',
                        'ring_buffer_discard_commit', 'ring_buffer_write'],
    'function_graph': ['graph_trace_entry', 'graph_trace_return_plain'],
    'the profiler': ['profile_entry', 'profile_return'],
    'fprobe': ['fprobe_graph_entry', 'fprobe_graph_return'],
    'dynamic events': ['probe_entry', 'probe_keep_args', 'probe_exit', 'probe_tracepoint'],
    'kprobes': ['kprobe_entry', 'kretprobe_entry', 'kretprobe_exit'],
    'the patcher': ['arch_ftrace_patch', 'arch_ftrace_read', 'arch_ftrace_form'],
    'the unwinder': ['stack_trace_save'],
    'the watchdog': ['watchdog_tick'],
}
# What TRACE_EVENT() makes: what calls probes, probes, and what prints records.
ITERATORS, EVENTS = '__traceiter_', ('trace_event_raw_event_', 'trace_raw_output_')
WITH_ARGS = {'kprobe_entry'}	# with hook=mcount it is refused, and GCC leaves it out
# Functions that may call by a pointer, with the table that names what they may call. No other
# function may, so that somebody has to think about each new one. None: the pointer comes from
# clients, who answer for it, or is a hook for tests.
CLOCKS, FORMATS = 'trace_clocks', 'entry_formats'
POINTERS = {
    'ring_buffer_lock_reserve': CLOCKS, 'ring_buffer_time_stamp': CLOCKS, 'rb_reserve': CLOCKS,
    'rb_reserve_slow': CLOCKS,
    'rb_clock': CLOCKS,		# not inlined at -Os, like the next two
    'on_each_cpu': None, 'call_here': None,
    # These call callbacks, all of which are roots anyway.
    'ftrace_caller': None, 'ftrace_regs_caller': None, 'ftrace_set_caller': None,
    'ftrace_assist_caller': None, 'ftrace_assist': None, 'call_all': None,
    'ftrace_direct_caller': None, 'ftrace_set_direct_caller': None,
    'ftrace_regs_direct_caller': None, 'call_one_then_direct': None,
    'graph_entry': None, 'graph_entry_slow': None, 'ask_with_frame': None, 'tell_others': None,
    'ftrace_return_to_handler': None, 'return_to_handler': None,
    'graph_trace_return': None,
    'fprobe_entry': None, 'fprobe_graph_entry': None, 'fprobe_graph_return': None,
    'kprobe_entry': None, 'kretprobe_entry': None, 'kretprobe_exit': None,
    'call_all_then_direct': None, 'i386_exception': None, 'arm64_sync': None, 'nmi_handle': None,
    'smp_handle_ipi': None, 'end_fault': None,
    'tell': None, 'kcsan_tell': None,	# KASAN's and KCSAN's reports, if a hook takes them
    'pgtable_entry': None,		# allocates no table where the patcher has its window
    'trace_print_line': FORMATS, 'print_part': FORMATS, 'print_default': FORMATS,
    'trace_print_text': FORMATS,
    'func_probe_call': 'function_commands',
    'function_pid_trace_call': None,	# the tracer's other callbacks
    'trace_event_type_text': None,	# what prints records is a root
}
# Functions at which a path ends: reports, the handler that brings in a page for interrupted code,
# handlers of devices and of the tick, and what runs other threads.
ENDS = {*REPORTS, 'vmap_fault', 'irq_dispatch', 'time_tick', 'preempt_schedule_irq',
        # Filters and triggers are called by pointers, whatever makes the record.
        'trace_event_check_end', 'trace_event_check_end_short',
        # The tracer's state is consistent here, and the preempt count keeps callbacks of functions
        # that the scheduler calls from coming here again.
        'preempt_schedule'}
FUNCTION = re.compile(r'^([0-9a-f]+) <([^>]+)>:$')
BRANCH = re.compile(r'\s(?:call|jmp|j[a-z]+|bl?|b\.\w+|cbn?z|tbn?z)\s.*?'
                    r'\b([0-9a-f]{6,16}) <([^>+]+)>')
POINTER = re.compile(r'\s(?:(?:call|jmp)\s+\*|blr\s|br\s+x)')
# The jump of a `switch`, through a table of the compiler's.
TABLE = re.compile(r'jmp\s+\*\S*\(,%\w+,4\)|add\sx\d+, x\d+, w\d+, sxt.*\sbr\s')


def call_graph(objdump, image):
    """Returns a map from each function's start to the starts of the other functions that it calls
    or jumps to, and the starts of those that call by a pointer."""
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


def base_name(name):
    """Returns the name without the suffixes that GCC gives to parts, to copies and to local
    variables."""
    return name.split('.')[0]


class Reach:
    def __init__(self, image, objdump):
        self.image = image
        self.graph, self.by_pointer = call_graph(objdump, image)
        self.named = collections.defaultdict(list)
        for address, name in image.by_address.items():
            self.named[base_name(name)].append(address)
        self.tables = collections.defaultdict(set)
        for symbol in image.elf.symbols:
            if symbol.type == STT_OBJECT and symbol.name in POINTERS.values():
                words = image.elf.words(symbol.value, symbol.value + symbol.size)
                self.tables[symbol.name] |= set(words) & set(image.by_address)

    def between(self, section):
        """Returns the functions between two marks of the linker script."""
        start, end = (self.image.elf.address('__%s_%s' % (section, mark))
                      for mark in ('start', 'end'))
        return [a for a in self.image.by_address if start <= a < end]

    def called_by(self, here):
        """Returns what a function calls, and what is wrong with the pointers by which it does."""
        me, said = base_name(self.image.by_address[here]), []
        table = POINTERS.get(me)
        if here in self.by_pointer and me not in POINTERS and not me.startswith(ITERATORS):
            said.append('%s calls by a pointer' % me)
        if table and not self.tables[table]:
            said.append('%s calls by the table %s, which is not in the image' % (me, table))
        return [*self.graph[here], *(self.tables[table] if table else ())], said

    def problems(self, roots):
        """Returns a path from a root to each function that has a site or may call any function, and
        how many functions were reached."""
        names = self.image.by_address
        paths = {root: names[root] for root in roots}
        queue, problems = list(paths), []
        while queue:
            here = queue.pop(0)
            if here in self.image.sites:
                problems.append('%s has a site: %s' % (names[here], paths[here]))
                continue
            called, said = self.called_by(here)
            problems += ['%s: %s' % (words, paths[here]) for words in said]
            for there in called:
                if there in names and there not in paths and base_name(names[there]) not in ENDS:
                    paths[there] = paths[here] + ' -> ' + names[there]
                    queue.append(there)
        return problems, len(paths)

    def check(self, tap, what, roots, missing=()):
        problems, count = self.problems(roots)
        if not roots:
            problems.append('none is in the image')
        tap.case('nothing traced is reached by ' + what,
                 problems + ['not in the image: ' + name for name in missing])
        tap.note('%d functions, from %d' % (count, len(roots)))

    def check_named(self, tap, what, names):
        self.check(tap, what, [a for name in names for a in self.named[name]],
                   [name for name in names if not self.named[name] and name not in WITH_ARGS])


def main():
    path, objdump = program.arguments(__doc__, 2)
    tap, image = Tap(), Image(path)
    reach = Reach(image, objdump)
    reach.check(tap, 'trampolines', reach.between('ftrace_text'))
    reach.check(tap, 'callbacks', [a for a in functions_like(image.elf, CALLBACK)
                                   if not TESTS.search(image.objects(a)[1])])
    reach.check(tap, 'exceptions and interrupts', reach.between('entry_text'))
    reach.check_named(tap, 'reports', REPORTS)
    reach.check(tap, 'events', [a for a, name in image.by_address.items()
                                if name.startswith((ITERATORS, *EVENTS))])
    for what, names in CALLED.items():
        reach.check_named(tap, what, names)
    return tap.done()


if __name__ == '__main__':
    program.run('checkreach', main)
