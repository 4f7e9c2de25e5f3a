# SPDX-License-Identifier: MIT
"""The events in a trace: how sub-buffers are walked, how entries are taken apart by their format
files, and the names of addresses, threads and functions. Nothing here knows one kind of event
from another but by its format."""
import bisect
import collections
import heapq
import re
import struct
from traces import tracedat


LAST_DATA_TYPE, PADDING, TIME_EXTEND, TIME_STAMP = 28, 29, 30, 31
DELTA_BITS, STAMP_BITS = 27, 59
COMMON = 8			# bytes of struct trace_entry
# What is lost is a number of events, or UNKNOWN.
UNKNOWN = -1
# Has one field more.
SAME_AS = {'fgraph_retaddr_entry': 'funcgraph_entry'}

Event = collections.namedtuple('Event', 'cpu time lost id flags preempt pid data')
Field = collections.namedtuple('Field', 'type name offset size signed array')


def _raw(data, time):
    """Yields (time, start, end) of each data event in the bytes of a sub-buffer, and (time, None,
    None) for one without data. Raises ValueError if these are no events."""
    at, end = 0, len(data)
    while at < end:
        if at + 4 > end:
            raise ValueError
        head, = struct.unpack_from('<I', data, at)
        kind, delta = head & 31, head >> 5
        if kind <= LAST_DATA_TYPE and kind:
            time += delta
            if at + 4 + 4 * kind > end:
                raise ValueError
            yield time, at + 4, at + 4 + 4 * kind
            at += 4 + 4 * kind
            continue
        # What remains is the padding at a sub-buffer's end, which has no length.
        if kind == PADDING and not delta:
            return
        if at + 8 > end:
            raise ValueError
        second, = struct.unpack_from('<I', data, at + 4)
        if kind == TIME_EXTEND:
            time, at = time + delta + (second << DELTA_BITS), at + 8
        elif kind == TIME_STAMP:
            time = time >> STAMP_BITS << STAMP_BITS | delta + (second << DELTA_BITS)
            at += 8
        else:
            time += delta
            if second < 4 or second % 4 or at + 4 + second > end:
                raise ValueError
            if kind == 0:
                yield time, at + 8, at + 4 + second
            at += 4 + second
        yield time, None, None


def walk(data, time):
    """Returns how many data events these bytes of a sub-buffer are; None if they are no events."""
    try:
        return sum(start is not None for _, start, _ in _raw(data, time))
    except (ValueError, struct.error):
        return None


def time_at(data, time):
    """Returns the time of the last event in these bytes of a sub-buffer."""
    try:
        for time, _, _ in _raw(data, time):
            pass
    except (ValueError, struct.error):
        pass
    return time


def first_time(data, time):
    """Returns the time of the first event in the bytes of a sub-buffer; `time` if there is none."""
    try:
        return next((now for now, start, _ in _raw(data, time) if start is not None), time)
    except (ValueError, struct.error):
        return time


def of_page(page, word, cpu=0):
    """Yields the events of a sub-buffer. Those behind a place that makes no sense are left out."""
    time, start = int.from_bytes(page[:8], 'little'), 8 + word
    commit = int.from_bytes(page[8:12], 'little')
    size = commit & tracedat.SIZE_MASK
    data, lost = page[start:start + size], 0
    if commit & tracedat.MISSED:
        lost = UNKNOWN
        if commit & tracedat.MISSED_STORED:
            lost = int.from_bytes(page[start + size:start + size + word], 'little')
    try:
        for now, first, end in _raw(data, time):
            if first is None or end - first < COMMON:
                continue
            number, flags, preempt, pid = struct.unpack_from('<HBBi', data, first)
            yield Event(cpu, now, lost, number, flags, preempt, pid, data[first:end])
            lost = 0
    except (ValueError, struct.error):
        return


class Format:
    """What a format file says about an event."""

    def __init__(self, system, text):
        self.system = system
        self.name = re.search(r'^name: (.*)$', text, re.M)[1]
        self.id = int(re.search(r'^ID: (\d+)$', text, re.M)[1])
        self.print_fmt = (re.search(r'^print fmt: (.*)', text, re.M | re.S) or ('', ''))[1].strip()
        self.fields = {}
        for declaration, offset, size, signed in re.findall(
                r'field:(.*?);\s*offset:(\d+);\s*size:(\d+);\s*signed:(\d);', text):
            found = re.fullmatch(r'(.*?)(\w+)(\[.*\])?', declaration.strip())
            if found and int(offset) >= COMMON:
                kind = found[1].strip() + (found[3] or '')
                self.fields[found[2]] = Field(kind, found[2], int(offset), int(size),
                                              signed == '1', '[' in kind)
        self.last = max(self.fields.values(), key=lambda f: f.offset, default=None)

    def number(self, event, name, default=None):
        """Returns the value of a field that is a number."""
        field = self.fields.get(name)
        if field is None or field.offset + field.size > len(event.data):
            return default
        return int.from_bytes(event.data[field.offset:field.offset + field.size], 'little',
                              signed=field.signed)

    def rest(self, event, name):
        """Returns the bytes of a field that is an array: of one of variable length those that its
        word tells of, and of the last one all up to the event's end."""
        field = self.fields[name]
        if field.type.startswith('__data_loc'):
            where = self.number(event, name) or 0
            return event.data[where & 0xffff:(where & 0xffff) + (where >> 16)]
        end = len(event.data) if field is self.last else field.offset + field.size
        return event.data[field.offset:end]

    def is_text(self, name):
        return re.search(r'\bchar\b', self.fields[name].type) is not None and \
            self.fields[name].array

    def value(self, event, name):
        """Returns a field as a number, a text, or bytes."""
        if self.is_text(name):
            return self.rest(event, name).split(b'\0')[0].decode(errors='replace')
        if self.fields[name].array:
            return self.rest(event, name)
        return self.number(event, name, 0)


class Symbols:
    def __init__(self, symbols):
        known = {}
        for address, name, module in sorted(symbols):
            known.setdefault(address, (name, module))
        self.addresses = sorted(known)
        self.names = [known[address] for address in self.addresses]
        self.cache = {}

    def name(self, address, back=0):
        """Returns the name of the function that the byte `back` before an address is in; the
        address if there is none."""
        key = address - back
        if key not in self.cache:
            i = bisect.bisect_right(self.addresses, key) - 1
            self.cache[key] = self.names[i][0] if i >= 0 else None
        return self.cache[key] or '0x%08x' % address

    def start(self, address):
        """Returns the address of the function that an address is in; None if there is none."""
        i = bisect.bisect_right(self.addresses, address) - 1
        return self.addresses[i] if i >= 0 else None


class Reader:
    """All events of a trace in the order of their times, and what they say."""

    def __init__(self, trace):
        self.trace = trace
        self.symbols = Symbols(trace.symbols)
        self.formats = {}
        for system, text in trace.formats:
            known = Format(system, text)
            self.formats[known.id] = known
        self.by_name = {known.name: known for known in self.formats.values()}
        self.events = None

    def _of_cpu(self, cpu):
        for page in self.trace.cpus[cpu]:
            yield from of_page(page, self.trace.word, cpu)

    def __iter__(self):
        if self.events is None:
            self.events = list(heapq.merge(*(self._of_cpu(cpu) for cpu in sorted(self.trace.cpus)),
                                           key=lambda event: (event.time, event.cpu)))
        return iter(self.events)

    def format(self, event):
        return self.formats.get(event.id)

    def is_a(self, event, name):
        known = self.formats.get(event.id)
        return known is not None and known.system == 'ftrace' and \
            SAME_AS.get(known.name, known.name) == name

    def get(self, event, name, default=0):
        return self.formats[event.id].number(event, name, default)

    def comm(self, pid):
        if not pid:
            return '<idle>'
        return self.trace.comms.get(pid, '<...>')

    def function(self, event):
        """Returns the name of the function whose call this event is; None if it is none's."""
        known = self.formats.get(event.id)
        if known is None or known.system != 'ftrace':
            return None
        if known.name == 'function':
            return self.symbols.name(known.number(event, 'ip', 0))
        if self.is_a(event, 'funcgraph_entry'):
            return self.symbols.name(known.number(event, 'func', 0))
        return None

    def caller(self, event):
        """Returns the name of the caller of a call of the tracer `function`; '' if not known."""
        at = self.formats[event.id].number(event, 'parent_ip', 0)
        return self.symbols.name(at, 1) if at else ''

    def stack(self, event):
        """Returns the addresses in a stack, innermost first."""
        known, word = self.formats[event.id], self.trace.word
        data, size = known.rest(event, 'caller'), known.number(event, 'size', 0)
        count = min(size, len(data) // word)
        return struct.unpack_from('<%d%s' % (count, 'I' if word == 4 else 'Q'), data)


class Call:
    """One call whose end was recorded. `inner` is the time in which other recorded calls ran in it,
    `path` the functions from the outermost one to this one."""
    __slots__ = ('cpu', 'pid', 'func', 'begin', 'end', 'inner', 'path', 'recursive', 'depth')

    def __init__(self, event, func, depth, begin, end):
        self.cpu, self.pid, self.func, self.depth = event.cpu, event.pid, func, depth
        self.begin, self.end, self.inner, self.path, self.recursive = begin, end, 0, (), False


def task_of(event):
    """Returns what identifies a thread: of the idle ones, which share pid 0, also the CPU."""
    return event.pid, event.cpu if event.pid == 0 else -1


def calls(reader):
    """Returns the calls whose ends were recorded by function_graph, outer ones before those in
    them. An end has both times, so it need not have its beginning in the trace."""
    found, open_calls = [], {}
    # From the last one to the first, an outer call's end comes before those of calls in it.
    for event in reversed(list(reader)):
        if not reader.is_a(event, 'funcgraph_exit'):
            continue
        begin, end = reader.get(event, 'calltime'), reader.get(event, 'rettime')
        if not begin <= end:
            continue
        call = Call(event, reader.get(event, 'func'), reader.get(event, 'depth'), begin, end)
        stack = open_calls.setdefault(task_of(event), [])
        while stack and not (stack[-1].depth < call.depth and stack[-1].begin <= begin and
                             end <= stack[-1].end):
            stack.pop()
        call.recursive = any(outer.func == call.func for outer in stack)
        call.path = (stack[-1].path if stack else ()) + (call.func,)
        if stack:
            stack[-1].inner += end - begin
        stack.append(call)
        found.append(call)
    found.sort(key=lambda call: (call.begin, call.depth))
    return found
