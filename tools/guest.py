# SPDX-License-Identifier: MIT
"""Reads a guest's memory from outside: its threads and their stacks, and its log. Its ring buffers
are read by tools/ringbuffer.py. None of the guest's code runs for that, so the guest may be
running, hung, or dead. Addresses of variables come from the image, layouts of structures from its
debug information, and virtual addresses are looked up in the guest's own page tables. What does not
make sense is left out and counted, never made up."""
import bisect
import collections
import functools

import dwarf_units
import elf

PAGE = 4096
MOST_FRAMES = 32
STACK_SEARCHED = 1024		# bytes of a stack in which mutex_of() looks for the element
# Where RAM begins in physical addresses; where the kernel's image and all of RAM are mapped. See
# <asm/memory.h> of each port.
RAM_START = {'i386': 0, 'arm64': 0x40000000}
I386_DIRECT_MAP, I386_DIRECT_SIZE = 0xc0000000, 0x30000000
ARM64_IMAGE, ARM64_IMAGE_SIZE, ARM64_IMAGE_ALIGN = 0xffffffe000000000, 0x4000000, 0x200000
ARM64_DIRECT_MAP, ARM64_DIRECT_END = 0xffffff8000000000, 0xffffffc000000000
ENTRY_ADDRESS = (1 << 48) - PAGE		# of an entry of a page table, in both formats
I386_LARGE = 0x80
ARM64_TABLE = 2

STATES = {0: 'ready', 1: 'asleep', 2: 'asleep, not to be interrupted', 16: 'dead'}
SWITCH_FRAME = {'i386': ('i386_switch_frame', 'bp', 'ip'), 'arm64': ('switch_frame', 'fp', 'lr')}
# Structures that are read, and files whose debug information has them.
FILES = ('/kallsyms.c', '/sched/sched.c', '/sched/mutex.c', '/thread.c', '/output/trace.c',
         '/ring_buffer_write.c', '/trace_clock.c', '/trace_cmdline.c', '/trace_format.c',
         '/trace_events.c', '/core/records.c', '/core/set.c')
STRUCTURES = {'task_struct', 'run_queue', 'mutex', 'ksym_range', 'ksym_table', 'ksym_entry',
              'trace_array', 'trace_buffer', 'ring_buffer_per_cpu', 'rb_ring', 'rb_reader',
              'trace_clock', 'saved_cmdline', 'trace_format', 'trace_format_field',
              'trace_event_call', 'trace_event_class', 'trace_event_field', 'trace_event_file',
              'ftrace_group', 'dyn_ftrace', 'ftrace_set', 'ftrace_ops', 'set_slot'}

Thread = collections.namedtuple('Thread', 'pid comm state cpu running address frames')


class Unreadable(Exception):
    """There is no memory at this address."""


def named(name, offset):
    return name + ('+0x%x' % offset if offset else '')


@functools.lru_cache
def load(path):
    """Returns an image, which is read once."""
    return elf.ElfFile(path)


@functools.lru_cache
def layouts(path, switch_frame):
    """Returns the structures of an image that are read here, as dwarf_units.structures() does."""
    names = STRUCTURES | {switch_frame}
    found = dwarf_units.structures(load(path), FILES, names)
    if names - set(found):
        raise Unreadable('%s has no debug information about %s'
                         % (path, ', '.join(sorted(names - set(found)))))
    return found


class Guest:
    """The memory of one guest. `ram` is all of its RAM, `path` its image with symbols."""

    def __init__(self, arch, path, ram):
        self.arch, self.ram = arch, ram
        self.image = load(path)
        self.word = 4 if arch == 'i386' else 8
        self.functions = self.image.functions()
        self.starts = [function[0] for function in self.functions]
        self.path = path

    @property
    def layouts(self):
        return layouts(self.path, SWITCH_FRAME[self.arch][0])

    # --- memory ---
    @functools.cached_property
    def image_at(self):
        """The physical address of arm64's image, which a loader may put anywhere: it is
        where the variable with this address has this value."""
        offset = self.address('kernel_phys') - ARM64_IMAGE
        for at in range(0, len(self.ram) - offset - 8, ARM64_IMAGE_ALIGN):
            if self._physical(at + RAM_START['arm64'] + offset, 8) == at + RAM_START['arm64']:
                return at + RAM_START['arm64']
        raise Unreadable('the kernel is not in this memory, or has not begun yet')

    def _physical(self, pa, size):
        at = pa - RAM_START[self.arch]
        if not 0 <= at <= len(self.ram) - size:
            raise Unreadable('there is no RAM at physical 0x%x' % pa)
        return int.from_bytes(self.ram[at:at + size], 'little')

    def _to_physical(self, va):
        if self.arch == 'i386':
            if 0 <= va - I386_DIRECT_MAP < I386_DIRECT_SIZE:
                return va - I386_DIRECT_MAP
            table = self.address('boot_pdpt') - I386_DIRECT_MAP
        else:
            if 0 <= va - ARM64_IMAGE < ARM64_IMAGE_SIZE:
                return va - ARM64_IMAGE + self.image_at
            if ARM64_DIRECT_MAP <= va < ARM64_DIRECT_END:
                return va - ARM64_DIRECT_MAP
            # The second word of `boot_tables` is the address of the kernel's table.
            root = self.address('boot_tables') + 8 - ARM64_IMAGE + self.image_at
            table = self._physical(root, 8)
        for shift in 30, 21, 12:
            entry = self._physical(table + 8 * (va >> shift & 511), 8)
            if not entry & 1:
                raise Unreadable('nothing is mapped at 0x%x' % va)
            table = entry & ENTRY_ADDRESS
            if self.arch == 'i386':
                is_block = shift == 21 and entry & I386_LARGE
            else:
                is_block = not entry & ARM64_TABLE
            if is_block:
                break
        return (table & -(1 << shift)) + (va & ((1 << shift) - 1))

    def read(self, va, size):
        """Returns the bytes at a virtual address."""
        data = b''
        while len(data) < size:
            here = va + len(data)
            count = min(size - len(data), PAGE - here % PAGE)
            at = self._to_physical(here) - RAM_START[self.arch]
            if not 0 <= at <= len(self.ram) - count:
                raise Unreadable('0x%x is not in RAM' % here)
            data += self.ram[at:at + count]
        return data

    def number(self, va, size=None):
        return int.from_bytes(self.read(va, size or self.word), 'little')

    def field(self, va, name, member):
        """Returns a number that is a member of the structure `name` at `va`."""
        offset, size = self.layouts[name][0][member]
        return self.number(va + offset, size)

    def offset(self, name, member):
        return self.layouts[name][0][member][0]

    def address(self, name):
        """Returns the address of a variable."""
        value = self.image.address(name)
        if value is None:
            raise Unreadable('the image has no variable ' + name)
        return value

    def size(self, name):
        return self.layouts[name][1]

    def variable(self, name, size=None):
        return self.number(self.address(name), size)

    def has_begun(self):
        """Tells whether the kernel is in this memory: names never change there."""
        names = self.address('kallsyms_names')
        return self.read(names, 64) == self.image.read(names, 64)

    def changed(self, name):
        """Tells whether a variable has another value than the image gave it."""
        address, size = self.address(name), self.symbol_size(name)
        return self.read(address, size) != self.image.read(address, size)

    # --- code ---
    def name(self, address, back=0):
        """Returns `function+0x12` for an address in code, with `[module]` behind it if it is one's;
        or the address. The function is the one that the byte so far back is in."""
        i = bisect.bisect_right(self.starts, address - back) - 1
        if i >= 0 and address <= self.functions[i][0] + self.functions[i][1]:
            return named(self.functions[i][2], address - self.functions[i][0])
        try:
            return next(self._names_in_ranges(address), '0x%x' % address)
        except Unreadable:
            return '0x%x' % address

    def _names_in_ranges(self, address):
        """Yields the name of an address in a module or in generated code."""
        for at in self._list(self.variable('ranges'), 'ksym_range'):
            start, size, module, table = (self.field(at, 'ksym_range', member)
                                          for member in ('start', 'size', 'module', 'table'))
            if not start <= address <= start + size:
                continue
            if not table:
                yield named(self.text(self.field(at, 'ksym_range', 'name')), address - start)
                continue
            module = ' [%s]' % self.text(module) if module else ''
            entries = self.field(table, 'ksym_table', 'entries')
            step = self.size('ksym_entry')
            for i in reversed(range(self.field(table, 'ksym_table', 'nr'))):
                offset = self.field(entries + i * step, 'ksym_entry', 'offset')
                if offset <= address - start:
                    name = self.text(self.field(entries + i * step, 'ksym_entry', 'name'))
                    yield named(name, address - start - offset) + module
                    break

    def linked(self, variable, name):
        """Yields the elements of the list that begins at a variable."""
        return self._list(self.variable(variable), name)

    def _list(self, at, name):
        """Yields the elements of a list that is linked by `next`, once each."""
        seen = set()
        while at and at not in seen:
            seen.add(at)
            yield at
            at = self.field(at, name, 'next')

    def text(self, va):
        """Returns the string at an address, or the beginning of it."""
        return self.read(va, 64).split(b'\0')[0].decode(errors='replace')

    def long_text(self, va):
        """Returns the string at an address, up to the end of the second page."""
        data = self.read(va, PAGE - va % PAGE)
        if b'\0' not in data:
            data += self.read(va + len(data), PAGE)
        return data.split(b'\0')[0].decode(errors='replace')

    def symbols_in_ranges(self):
        """Yields (address, name, module or '') of all that is known of modules' and of generated
        code."""
        for at in self._list(self.variable('ranges'), 'ksym_range'):
            start, module, table = (self.field(at, 'ksym_range', member)
                                    for member in ('start', 'module', 'table'))
            if not table:
                yield start, self.text(self.field(at, 'ksym_range', 'name')), ''
                continue
            module = self.text(module) if module else ''
            entries = self.field(table, 'ksym_table', 'entries')
            for i in range(self.field(table, 'ksym_table', 'nr')):
                entry = entries + i * self.size('ksym_entry')
                yield (start + self.field(entry, 'ksym_entry', 'offset'),
                       self.text(self.field(entry, 'ksym_entry', 'name')), module)

    def unwind(self, pc, fp):
        """Returns the addresses in `pc` and its callers, along the chain of frame pointers."""
        frames = [pc] if pc else []
        try:
            while fp and len(frames) < MOST_FRAMES:
                up, back = self.number(fp), self.number(fp + self.word)
                if not back:
                    break
                frames.append(back)
                # A chain that does not lead up the stack leads nowhere.
                if up <= fp:
                    break
                fp = up
        except Unreadable:
            pass
        return frames

    # --- threads ---
    def threads(self):
        """Yields all threads. Those that run have no frames here: their registers are the CPU's."""
        head = self.address('all_threads')
        link = self.offset('task_struct', 'all_node')
        node, seen = self.number(head), set()
        while node != head and node not in seen:
            seen.add(node)
            yield self._thread(node - link)
            node = self.number(node)

    def current(self, cpu):
        """Returns the address of the thread that runs on a CPU; 0 before the CPU has begun."""
        queue = self.address('run_queues') + cpu * self.size('run_queue')
        return self.field(queue, 'run_queue', 'curr')

    def nr_cpus(self):
        """How many CPUs the image has room for."""
        return self.symbol_size('run_queues') // self.size('run_queue')

    def symbol_size(self, name):
        self.address(name)
        return next(s.size for s in self.image.symbols if s.name == name and s.section)

    def _thread(self, task):
        def get(member):
            return self.field(task, 'task_struct', member)
        cpu = get('cpu')
        running = cpu < self.nr_cpus() and self.current(cpu) == task
        frame, fp, ip = SWITCH_FRAME[self.arch]
        frames, sp = [], get('thread_sp')
        if not running and sp:
            try:
                frames = self.unwind(self.field(sp, frame, ip), self.field(sp, frame, fp))
            except Unreadable:
                pass
        comm = self.read(task + self.offset('task_struct', 'comm'), 16).split(b'\0')[0]
        return Thread(get('pid'), comm.decode(errors='replace'),
                      'running' if running else STATES.get(get('__state'), 'in no known state'),
                      cpu, running, task, frames)

    def mutex_of(self, thread, threads):
        """Returns (name or address, owner's address) of the mutex that a thread sleeps for; None if
        it sleeps for something else. The list of a mutex's waiters has an element on the stack of
        each: such an element is looked for among the words of this thread's stack."""
        at = self.field(thread.address, 'task_struct', 'thread_sp')
        waiters, owner = (self.offset('mutex', member) for member in ('waiters', 'owner'))
        for node in range(at, at + STACK_SEARCHED, self.word):
            try:
                head = self.number(node)
                if self.number(self.number(node + self.word)) != node or \
                        self.number(head + self.word) != node:
                    continue
                # The element behind it may be another waiter's; the list's head is in the mutex.
                while head != node:
                    task = self.number(head - waiters + owner)
                    if task in threads and threads[task].pid != thread.pid or \
                            task == thread.address:
                        return self.data_name(head - waiters), task
                    head = self.number(head)
            except Unreadable:
                pass
        return None

    def data_name(self, address):
        """Returns the name of the variable at an address in the image, or the address."""
        return next((s.name for s in self.image.symbols
                     if s.value == address and s.type == elf.STT_OBJECT and s.section),
                    '0x%x' % address)

    def log(self):
        """Returns the kernel's log, as far as its ring still has it."""
        size = self.symbol_size('log_ring')
        end = self.variable('log_end', 8)
        ring = self.read(self.address('log_ring'), size)
        text = ring[:end] if end <= size else ring[end % size:] + ring[:end % size]
        return text.decode(errors='replace')
