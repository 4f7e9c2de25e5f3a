# SPDX-License-Identifier: MIT
"""Reads the ring buffers of all CPUs out of a guest's memory, which may be running, hung or dead:
sub-buffers as they are, and all that is needed to understand them. What does not verify is left out
and told in Trace.notes, never made up."""
import struct

import guest
from traces import tracedat, traceevents

PAGE = guest.PAGE
COMM_LEN = 16


class Ring:
    """The ring buffer of one CPU at this moment."""

    def __init__(self, memory, cpu, at):
        self.memory, self.cpu, self.at, self.word = memory, cpu, at, memory.word
        self.top = 1 << 8 * self.word
        self.ring = at + memory.offset('ring_buffer_per_cpu', 'ring')
        self.reader = at + memory.offset('ring_buffer_per_cpu', 'reader')
        self.notes, self.pages = [], []
        self.nr_events, self.oldest = 0, None
        self.base, self.nr_pages, self.limit = (
            memory.field(self.ring, 'rb_ring', name) for name in ('base', 'nr_pages', 'seq_limit'))
        if not self.nr_pages or not self.limit:
            raise guest.Unreadable('the ring buffer of CPU %d makes no sense' % cpu)
        self.read_counts()
        self.take_copy()
        self.take_ring()
        self.check_count()

    def get(self, name):
        return self.memory.field(self.at, 'ring_buffer_per_cpu', name)

    def of_reader(self, name):
        return self.memory.field(self.reader, 'rb_reader', name)

    def element(self, array, slot):
        """Returns an element of one of the arrays that say something about each slot."""
        start = self.memory.field(self.ring, 'rb_ring', array)
        return self.memory.number(start + slot * self.word)

    def read_counts(self):
        head, taken = self.get('head'), self.of_reader('taken')
        self.head_seq, self.head_off = head // PAGE, head % PAGE
        seen = (taken + self.of_reader('overrun')) % self.top
        before = seen if self.head_off else \
            self.element('first', self.head_seq % self.nr_pages)
        self.lost_in_ring = (before - seen) % self.top
        self.overrun = (before - taken) % self.top
        self.read = self.of_reader('read')
        self.entries = (self.written() - self.overrun - self.read) % self.top

    def written(self):
        """Returns how many events are committed. Those of the sequence, while it is open, are not
        counted yet: the function tracer's have one size, and were written since it was opened;
        those of function_graph are counted in one of two words, which bit 2 of `commit` chooses."""
        start, commit = self.get('sequence_start'), self.get('commit')
        if not start:
            return self.get('written')
        if self.get('sequence_counts'):
            words = self.at + self.memory.offset('ring_buffer_per_cpu', 'sequence_count')
            return self.get('written') + self.memory.number(words + (commit & 4), 4)
        return self.get('written') + (commit - start) // (12 + 2 * self.word)

    def add(self, time, data, lost):
        """Adds events, if they are what a sub-buffer has."""
        walk = traceevents.walk(data, time)
        if walk is None:
            self.notes.append('CPU %d: a sub-buffer with %d bytes does not verify, and is left out'
                              % (self.cpu, len(data)))
            return
        self.nr_events += walk
        if data:
            self.pages.append(tracedat.page_of(time, data, self.word, lost))

    def take_copy(self):
        """Takes what a reader in the guest has copied but not returned; its time is that before the
        first of these events."""
        off, size = self.of_reader('off'), self.of_reader('size')
        if off < size <= PAGE:
            page = self.memory.read(self.of_reader('page'), PAGE)
            data = page[8 + self.word:][:size]
            self.oldest = traceevents.first_time(data, int.from_bytes(page[:8], 'little'))
            self.add(self.of_reader('stamp'), data[off:], self.of_reader('lost'))

    def take_ring(self):
        """Takes the sub-buffers from `head` to `commit`."""
        commit = self.get('commit')
        last_slot = (commit - 1 - self.base) // PAGE
        last = self.get('commit_seq')
        # The writer may have been stopped between changing the one and the other.
        if last % self.nr_pages != last_slot:
            last = (last - 1) % self.limit
        if last % self.nr_pages != last_slot or not 0 <= last_slot < self.nr_pages:
            self.notes.append('CPU %d: the ring buffer does not verify, and is left out' % self.cpu)
            return
        self.count_open(commit, last_slot)
        seq, lost = self.head_seq, self.lost_in_ring
        for _ in range(self.nr_pages):
            self.take_page(seq, commit if seq == last else None, lost)
            if seq == last:
                return
            seq, lost = (seq + 1) % self.limit, 0
        self.notes.append('CPU %d: the newest sub-buffer is not where it should be' % self.cpu)

    def take_page(self, seq, commit, lost):
        slot = seq % self.nr_pages
        page = self.memory.read(self.base + slot * PAGE, PAGE)
        start = 8 + self.word
        if self.element('seqs', slot) != seq:
            self.notes.append('CPU %d: sub-buffer %d was being overwritten, and is left out'
                              % (self.cpu, seq))
            return
        size = int.from_bytes(page[8:start], 'little') & tracedat.SIZE_MASK
        if commit is not None:
            size = commit - (self.base + slot * PAGE) - start
        time, off = int.from_bytes(page[:8], 'little'), 0
        data = page[start:start + size]
        if len(data) != size:
            self.notes.append('CPU %d: sub-buffer %d says that it is larger than it can be'
                              % (self.cpu, seq))
            return
        if self.oldest is None:
            self.oldest = traceevents.first_time(data, time)
        if seq == self.head_seq and self.head_off:
            off = self.head_off
            time = traceevents.time_at(data[:off], time)
        self.add(time, data[off:], lost)

    def count_open(self, commit, last_slot):
        """Notes events that were being written. They are not in the trace, for nobody knows how
        much of them there is."""
        tail = self.get('tail') or commit		# 0: `commit` is both
        if tail != commit and (tail - 1 - self.base) // PAGE != last_slot or tail > commit:
            self.notes.append('CPU %d: an event, or several that nest, was being written, and is '
                              'left out' % self.cpu)

    def check_count(self):
        # A writer that was stopped may have counted the event that it was to publish next.
        if not self.notes and not 0 <= (self.entries - self.nr_events) % self.top <= 1:
            self.notes.append('CPU %d: %d events are there, and %d should be'
                              % (self.cpu, self.nr_events, self.entries))

    def stats(self, in_ns):
        """Returns the text of per_cpu/cpuN/stats, without the time now."""
        oldest = self.oldest or 0
        us = (oldest + 500) // 1000
        size = sum(int.from_bytes(page[8:12], 'little') & tracedat.SIZE_MASK for page in self.pages)
        return ('entries: %d\noverrun: %d\ncommit overrun: %d\nbytes: %d\noldest event ts: %s\n'
                'dropped events: %d\nread events: %d\n' % (
                    self.entries, self.overrun, self.get('commit_overrun'), size,
                    '%5d.%06d' % (us // 10 ** 6, us % 10 ** 6) if in_ns else oldest,
                    self.get('dropped_events'), self.read))


def newest(memory, at):
    """Returns the time of the newest event in the ring buffer of one CPU, which is at this address;
    0 if it has none."""
    ring, start = at + memory.offset('ring_buffer_per_cpu', 'ring'), 8 + memory.word
    base, nr_pages = (memory.field(ring, 'rb_ring', name) for name in ('base', 'nr_pages'))
    commit = memory.field(at, 'ring_buffer_per_cpu', 'commit')
    slot = (commit - 1 - base) // PAGE
    if not base or not 0 <= slot < nr_pages:
        return 0
    page = memory.read(base + slot * PAGE, PAGE)
    data = page[start:commit - base - slot * PAGE]
    return traceevents.time_at(data, int.from_bytes(page[:8], 'little')) if data else 0


def clocks(memory):
    """Returns the text of trace_clock."""
    chosen = memory.field(memory.address('global_trace'), 'trace_array', 'clock_id')
    step, words = memory.size('trace_clock'), []
    for i in range(memory.variable('nr_trace_clocks', 4)):
        at = memory.address('trace_clocks') + i * step
        name = memory.text(memory.field(at, 'trace_clock', 'name'))
        words.append('[%s]' % name if i == chosen else name)
    return ' '.join(words) + '\n'


def comms(memory):
    """Returns the names of threads, of dead ones as far as they were kept."""
    found = {}
    table, step = memory.variable('cmdlines'), memory.size('saved_cmdline')
    data = memory.read(table, memory.variable('cmdlines_size', 4) * step)
    for at in range(0, len(data), step):
        pid = int.from_bytes(data[at:at + 4], 'little')
        if pid:
            found[pid] = data[at + 4:at + 4 + COMM_LEN].split(b'\0')[0].decode(errors='replace')
    for thread in memory.threads():
        if thread.pid:
            found[thread.pid] = thread.comm
    return found


def _fields(memory, at, most):
    step = memory.size('trace_format_field')
    for i in range(most):
        def get(member):
            return memory.field(at + i * step, 'trace_format_field', member)
        if not get('name'):
            return
        yield '\tfield:%s %s;\toffset:%d;\tsize:%d;\tsigned:%d;\n' % (
            memory.text(get('type')), memory.text(get('name')), get('offset'), get('size'),
            get('is_signed'))


def _event_fields(memory, at):
    """Yields the lines about the fields of an event, each aligned as a member of a structure is."""
    offset = traceevents.COMMON
    while memory.field(at, 'trace_event_field', 'name'):
        def get(member):
            return memory.field(at, 'trace_event_field', member)
        offset = -(-offset // get('align')) * get('align')
        kind, name = memory.text(get('type')), memory.text(get('name'))
        if get('len'):
            name += '[%d]' % get('len')
        if get('dynamic'):
            kind = '__data_loc %s[]' % kind
        yield '\tfield:%s %s;\toffset:%d;\tsize:%d;\tsigned:%d;\n' % (
            kind, name, offset, get('size'), get('is_signed'))
        offset += get('size')
        at += memory.size('trace_event_field')


def _format(name, number, common, own, print_fmt):
    return 'name: %s\nID: %d\nformat:\n%s\n%s\nprint fmt: %s\n' % (
        name, number, common, own, print_fmt)


def _events(memory, common):
    """Yields (system, text) of the format of each event that the guest has at the moment."""
    at = memory.variable('events')
    while at:
        kind = memory.field(at, 'trace_event_call', 'class')
        file = at + memory.offset('trace_event_call', 'file')

        def get(member):
            return memory.field(kind, 'trace_event_class', member)
        yield memory.text(get('system')), _format(
            memory.text(memory.field(at, 'trace_event_call', 'name')),
            memory.field(file, 'trace_event_file', 'type'), common,
            ''.join(_event_fields(memory, get('fields'))), memory.long_text(get('print_fmt')))
        at = memory.field(at, 'trace_event_call', 'next')


def formats(memory):
    """Yields (system, text) of the format of each entry and event that the guest can record."""
    at, step = memory.address('trace_formats'), memory.size('trace_format')
    common = ''.join(_fields(memory, memory.address('trace_common_fields'), 16))
    inside = memory.offset('trace_format', 'fields')
    most = (memory.offset('trace_format', 'print_fmt') - inside) // \
        memory.size('trace_format_field')
    while memory.field(at, 'trace_format', 'name'):
        def get(member):
            return memory.field(at, 'trace_format', member)
        yield 'ftrace', _format(
            memory.text(get('name')), get('id'), common,
            ''.join(_fields(memory, at + inside, most)), memory.long_text(get('print_fmt')))
        at += step
    yield from _events(memory, common)


def _printks(memory, trace):
    """Fetches the texts that events refer to by their addresses: of texts that were recorded
    unformatted these are the formats."""
    wanted = {}
    for system, text in trace.formats:
        known = traceevents.Format(system, text)
        wanted[known.id] = known, [field.name for field in known.fields.values()
                                   if field.type == 'const char *']
    for event in (event for pages in trace.cpus.values() for page in pages
                  for event in traceevents.of_page(page, trace.word)):
        known, names = wanted.get(event.id, (None, ()))
        for at in (known.number(event, name) for name in names):
            if not at or at in trace.printks:
                continue
            try:
                trace.printks[at] = memory.long_text(at)
            except guest.Unreadable:
                trace.notes.append('a text at 0x%x is not in memory' % at)
                trace.printks[at] = ''


def read(memory):
    """Returns the trace that is in the memory of a guest.Guest."""
    trace = tracedat.Trace(memory.word, 'Patchbay guest, ' + memory.arch)
    trace.clock = clocks(memory)
    trace.comms = comms(memory)
    trace.formats = list(formats(memory))
    trace.symbols = [(address, name, '') for address, _, name in memory.functions]
    try:
        trace.symbols += memory.symbols_in_ranges()
    except guest.Unreadable as error:
        trace.notes.append('names of modules: %s' % error)
    buffer = memory.field(memory.address('global_trace'), 'trace_array', 'buffer')
    for cpu in range(memory.nr_cpus() if buffer else 0):
        at = memory.number(buffer + memory.offset('trace_buffer', 'buffers') + cpu * memory.word)
        if not at or at == memory.address('rb_absent'):
            continue
        try:
            ring = Ring(memory, cpu, at)
        except guest.Unreadable as error:
            trace.notes.append('CPU %d: %s' % (cpu, error))
            trace.cpus[cpu] = []
            continue
        trace.notes += ring.notes
        trace.cpus[cpu], trace.stats[cpu] = ring.pages, ring.stats(trace.in_ns)
    _printks(memory, trace)
    return trace
