# SPDX-License-Identifier: MIT
"""A trace as text: the lines that the guest's file `trace` has with default options, and a summary
of what was called how often, from where, and for how long."""
import collections
import re
import struct
from traces import traceevents


FLAG_IRQS_OFF, FLAG_RESCHED, FLAG_HARDIRQ, FLAG_SOFTIRQ = 1, 4, 8, 16
FLAG_PREEMPT_RESCHED, FLAG_NMI, FLAG_BH_OFF = 32, 64, 128
IN_IRQ = FLAG_HARDIRQ | FLAG_NMI
RULE = ' ------------------------------------------\n'
INDENT, DURATION_WIDTH, PROC_WIDTH = 2, 8, 14
MARKS = ((10 ** 9, '$'), (10 ** 8, '@'), (10 ** 7, '*'), (10 ** 6, '#'), (10 ** 5, '!'),
         (10 ** 4, '+'))
SPEC = re.compile(r'%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?(hh|h|ll|l|L|q|j|z|Z|t)?([a-zA-Z%])')
TOP, TOP_CALLERS = 15, 3


def time_of(ns, in_ns):
    if not in_ns:
        return '%12d' % ns
    us = (ns + 500) // 1000
    return '%5d.%06d' % (us // 10 ** 6, us % 10 ** 6)


def _state(event):
    """Returns the five characters about interrupts, scheduling, context and depth."""
    flags = event.flags
    irqs = {(0, 0): '.', (1, 0): 'd', (0, 1): 'b', (1, 1): 'D'}[
        bool(flags & FLAG_IRQS_OFF), bool(flags & FLAG_BH_OFF)]
    resched = {(0, 0): '.', (1, 0): 'n', (0, 1): 'p', (1, 1): 'N'}[
        bool(flags & FLAG_RESCHED), bool(flags & FLAG_PREEMPT_RESCHED)]
    if flags & FLAG_NMI:
        context = 'Z' if flags & FLAG_HARDIRQ else 'z'
    elif flags & FLAG_HARDIRQ:
        context = 'H' if flags & FLAG_SOFTIRQ else 'h'
    else:
        context = 's' if flags & FLAG_SOFTIRQ else '.'
    return irqs + resched + context + ''.join(
        '%x' % depth if depth else '.' for depth in (event.preempt & 15, event.preempt >> 4))


class _Arguments:
    """The arguments of a text that was stored unformatted."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, size, signed=False):
        self.at = -(-self.at // 4) * 4
        piece = self.data[self.at:self.at + size]
        if len(piece) < size:
            raise ValueError
        self.at += size
        return int.from_bytes(piece, 'little', signed=signed)

    def text(self):
        end = self.data.find(b'\0', self.at)
        if end < 0:
            raise ValueError
        piece, self.at = self.data[self.at:end], end + 1
        return piece.decode(errors='replace')


def _converted(reader, args, match, suffix):
    """Returns the text of one conversion and its arguments. `suffix` are the letters behind %p."""
    flags, width, precision, length, kind = match.groups()
    if kind == '%':
        return '%'
    word = reader.trace.word
    width = args.number(4, True) if width == '*' else width
    precision = args.number(4, True) if precision == '*' else precision
    spec = '%' + flags + ('' if width is None else str(width)) + \
        ('' if precision is None else '.%s' % precision)
    if kind == 's':
        return (spec + 's') % args.text()
    if kind == 'p':
        value = args.number(word)
        if suffix[:1] in ('s', 'S'):
            name = reader.symbols.name(value)
            known = reader.symbols.start(value)
            if suffix[:1] == 'S' and known is not None:
                name += '+0x%x' % (value - known)
            return (spec.replace('0', '') + 's') % name
        return '%0*x' % (int(width or 2 * word), value)
    size = {'ll': 8, 'L': 8, 'q': 8, 'j': 8, 'l': word, 'z': word, 'Z': word, 't': word}.get(
        length, 4)
    return (spec + kind.replace('u', 'd').replace('i', 'd')) % args.number(size, kind in 'di')


def formatted(reader, fmt, data):
    """Returns the text of a format with its stored arguments, as far as they go."""
    args, out, at = _Arguments(data), [], 0
    while (match := SPEC.search(fmt, at)):
        out.append(fmt[at:match.start()])
        at, suffix = match.end(), ''
        if match[5] == 'p':
            suffix = re.match(r'\w*', fmt[at:])[0]
            at += len(suffix)
        try:
            out.append(_converted(reader, args, match, suffix))
        except (ValueError, TypeError, struct.error):
            return ''.join(out)
    return ''.join(out) + fmt[at:]


def message(reader, event):
    """Returns the text that somebody has put into the trace; None if the event is no such one."""
    if reader.is_a(event, 'print'):
        return reader.format(event).value(event, 'buf')
    if reader.is_a(event, 'bprint'):
        fmt = reader.trace.printks.get(reader.get(event, 'fmt'), '')
        return formatted(reader, fmt, reader.format(event).rest(event, 'buf'))
    return None


def _fields(reader, known, event):
    for name, field in known.fields.items():
        value = known.value(event, name)
        if field.type == 'const char *':
            value = reader.trace.printks.get(value, '0x%x' % value)
        elif isinstance(value, bytes):
            value = value.hex(' ')
        elif field.type in ('unsigned long', 'void *') and value > 0xffff:
            value = '0x%x' % value
        yield '%s=%s' % (name, value)


def _stack_lines(reader, event):
    yield '<stack trace>'
    stack = reader.stack(event)
    for i, address in enumerate(stack):
        yield ' => ' + reader.symbols.name(address, int(i > 0))
    more = reader.get(event, 'size') - len(stack)
    if more > 0:
        yield ' ... and %d more' % more


def text(reader, event):
    """Returns what an event says, with a newline."""
    known = reader.format(event)
    if known is None:
        return 'Unknown type %d\n' % event.id
    said = message(reader, event)
    if said is not None:
        return '%s: %s' % (reader.symbols.name(reader.get(event, 'ip')), said)
    if known.system != 'ftrace':
        return '%s: %s\n' % (known.name, ' '.join(_fields(reader, known, event)))
    if known.name in ('function', 'func_repeats'):
        line = reader.symbols.name(reader.get(event, 'ip'))
        caller = reader.caller(event)
        line += ' <-' + caller if caller else ''
        if known.name == 'func_repeats':
            delta = reader.get(event, 'top_delta_ts') << 32 | reader.get(event, 'bottom_delta_ts')
            line += ' (repeats: %d, last_ts: %s)' % (
                reader.get(event, 'count'), time_of(event.time - delta, reader.trace.in_ns))
        return line + '\n'
    if known.name == 'kernel_stack':
        return '\n'.join(_stack_lines(reader, event)) + '\n'
    if known.name == 'raw_data':
        return '# %x buf: %s\n' % (reader.get(event, 'id'), known.rest(event, 'buf').hex(' '))
    if reader.is_a(event, 'funcgraph_entry') or reader.is_a(event, 'funcgraph_exit'):
        return 'graph_%s: func=%s\n' % ('ret' if known.name == 'funcgraph_exit' else 'ent',
                                        reader.symbols.name(reader.get(event, 'func')))
    return '%s: %s\n' % (known.name, ' '.join(_fields(reader, known, event)))


def _lost(event):
    if not event.lost:
        return ''
    return 'CPU:%d [LOST %sEVENTS]\n' % (event.cpu, '%d ' % event.lost if event.lost > 0 else '')


def is_graph(reader):
    """Tells whether calls are there with both of their ends."""
    return any(reader.is_a(event, 'funcgraph_exit') or reader.is_a(event, 'funcgraph_entry')
               for event in reader)


def _function_pieces(reader):
    for event in reader:
        yield '%s%16s-%-7d [%03d] %s %s: %s' % (
            _lost(event), reader.comm(event.pid), event.pid, event.cpu, _state(event),
            time_of(event.time, reader.trace.in_ns), text(reader, event)), event


def function_lines(reader):
    return (piece for piece, _ in _function_pieces(reader))


class _Graph:
    """Makes the lines of function_graph."""

    def __init__(self, reader):
        self.reader = reader
        self.cpu_width = 2 if len(reader.trace.cpus) > 10 else 1
        self.pids, self.depths = {}, collections.Counter()
        self.in_irq = collections.Counter()
        self.open = {}
        # The return that follows a call on its CPU makes one line of the two.
        self.leaves, last = {}, {}
        for event in reader:
            before = last.get(event.cpu)
            if before is not None and reader.is_a(event, 'funcgraph_exit') and \
                    reader.is_a(before, 'funcgraph_entry') and before.pid == event.pid and \
                    all(reader.get(before, name) == reader.get(event, name)
                        for name in ('func', 'depth')):
                self.leaves[id(before)] = event
            last[event.cpu] = event
        self.skipped = {id(event) for event in self.leaves.values()}

    def cpu(self, event):
        return ' %*d) ' % (self.cpu_width, event.cpu)

    def proc(self, pid):
        name = '%s-%d' % (self.reader.comm(pid)[:7], pid)
        spaces = max(PROC_WIDTH - len(name), 0)
        return ' ' * (spaces // 2) + name + ' ' * (spaces - spaces // 2)

    def switch(self, event):
        """Returns the lines that tell of another thread on this CPU."""
        before = self.pids.get(event.cpu)
        self.pids[event.cpu] = event.pid
        if before in (None, event.pid):
            return ''
        return RULE + self.cpu(event) + self.proc(before) + ' => ' + self.proc(event.pid) + \
            '\n' + RULE + '\n'

    def context(self, event):
        """Returns the lines that tell where an interrupt begins and ends, and of a switch."""
        cpu = event.cpu
        before, self.in_irq[cpu] = self.in_irq[cpu], bool(event.flags & IN_IRQ)
        left = before and not self.in_irq[cpu]
        entered = self.in_irq[cpu] and not before
        return (self.cpu(event) + '  <========== |\n') * left + self.switch(event) + \
            (self.cpu(event) + '  ==========> |\n') * entered

    def duration(self, ns):
        mark = next((mark for least, mark in MARKS if ns > least), ' ')
        digits = '%d' % (ns // 1000)
        if len(digits) < DURATION_WIDTH - 1:
            room = min(DURATION_WIDTH - 1 - len(digits), 3)
            digits += '.' + ('%03d' % (ns % 1000))[:room]
        return '%s %s us %s|  ' % (mark, digits, ' ' * (DURATION_WIDTH - len(digits)))

    def line(self, event):
        reader = self.reader
        start = _lost(event) + self.context(event) + self.cpu(event)
        empty = ' ' * PROC_WIDTH + '|  '
        if not (reader.is_a(event, 'funcgraph_entry') or reader.is_a(event, 'funcgraph_exit')):
            said = message(reader, event)
            said = (text(reader, event) if said is None else said).removesuffix('\n')
            return '%s%s%s/* %s */\n' % (
                start, empty, ' ' * INDENT * (self.depths[event.cpu] + 1), said)
        depth, func = reader.get(event, 'depth'), reader.get(event, 'func')
        name, spaces = reader.symbols.name(func), ' ' * INDENT * depth
        if reader.is_a(event, 'funcgraph_entry'):
            leaf = self.leaves.get(id(event))
            self.depths[event.cpu] = depth - 1 if leaf else depth
            if leaf:
                time = reader.get(leaf, 'rettime') - reader.get(leaf, 'calltime')
                return '%s%s%s%s();\n' % (start, self.duration(time), spaces, name)
            self.open[event.cpu, depth] = func
            return '%s%s%s%s() {\n' % (start, empty, spaces, name)
        self.depths[event.cpu] = depth - 1
        tail = '' if self.open.pop((event.cpu, depth), None) == func else ' /* %s */' % name
        time = reader.get(event, 'rettime') - reader.get(event, 'calltime')
        return '%s%s%s}%s\n' % (start, self.duration(time), spaces, tail)

    def pieces(self):
        yield '# tracer: function_graph\n#\n# CPU  DURATION                  FUNCTION CALLS\n', None
        yield '# |     |   |                     |   |   |   |\n', None
        for event in self.reader:
            if id(event) not in self.skipped:
                yield self.line(event), event


def pieces(reader):
    """Yields the text of a trace in pieces that end with a newline, each with the event that its
    last lines are about, or None."""
    if is_graph(reader):
        yield from _Graph(reader).pieces()
        return
    yield '# tracer: function\n#\n' if any(reader.is_a(e, 'function') for e in reader) else \
        '# tracer: nop\n#\n', None
    yield from _function_pieces(reader)


def lines(reader):
    return (piece for piece, _ in pieces(reader))


# --- Summary ---

def _times(reader):
    """Returns (self, total) times in ns of functions, from the ends of their calls. The time of a
    recursive call counts once."""
    own, total = collections.Counter(), collections.Counter()
    for call in traceevents.calls(reader):
        name = reader.symbols.name(call.func)
        own[name] += call.end - call.begin - call.inner
        if not call.recursive:
            total[name] += call.end - call.begin
    return own, total


def summary(reader):
    """Yields lines about a trace."""
    trace = reader.trace
    kinds = collections.Counter()
    calls, callers = collections.Counter(), {}
    lost = unknown = 0
    first = last = None
    for event in reader:
        known = reader.format(event)
        kinds[known.name if known else 'type %d' % event.id] += 1
        first, last = event.time if first is None else first, event.time
        lost += max(event.lost, 0)
        unknown += event.lost < 0
        name = reader.function(event)
        if name is None:
            continue
        calls[name] += 1
        caller = reader.caller(event)
        if caller:
            callers.setdefault(name, collections.Counter())[caller] += 1
    unit = 'seconds' if trace.in_ns else 'of clock ' + trace.clock_name
    length = 0 if first is None else last - first
    yield '%d events of %d CPU%s in %s %s%s' % (
        sum(kinds.values()), len(trace.cpus), '' if len(trace.cpus) == 1 else 's',
        '%.6f' % (length / 10 ** 9) if trace.in_ns else length, unit,
        ', %d lost before them' % lost if lost else '') + (
            ', more lost in %d places' % unknown if unknown else '')
    yield '  ' + ', '.join('%s %d' % item for item in kinds.most_common())
    yield from trace.notes
    own, total = _times(reader)
    if not calls:
        yield 'no calls were recorded'
        return
    yield '%9s  %-30s %s' % ('calls', 'function', 'self us, with callees us' if own else 'callers')
    order = sorted(calls, key=lambda name: (-own[name], -calls[name], name))
    for name in order[:TOP]:
        more = '%12.3f %12.3f' % (own[name] / 1000, total[name] / 1000) if own else ', '.join(
            '%s %d' % item for item in callers.get(name, collections.Counter()).most_common(
                TOP_CALLERS))
        yield '%9d  %-30s %s' % (calls[name], name, more)
    if len(order) > TOP:
        yield '%9d  in %d more functions' % (sum(calls[name] for name in order[TOP:]),
                                             len(order) - TOP)
    if not own:
        yield 'Times of functions need their ends: record with -p function_graph.'
