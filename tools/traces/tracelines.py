# SPDX-License-Identifier: MIT
"""Takes the text of a trace apart: what each thread called, from where, when, and for how long.
The text may stand among other output of a console. A trace.dat is made text first, so that both
can be compared with each other."""
import collections
import re
from traces import tracedat, tracetext, tracewrite


# One call, or another event if `name` is None. `text` is what is compared; of function_graph it is
# indented, without what the call returned. `span` is the duration, as text.
Item = collections.namedtuple('Item', 'name caller text time span')

FUNCTION = re.compile(r' *(\S.*)-(\d+) +\[(\d+)\] (?:[^ ]{5} )? *([\d.]+): (.*)')
GRAPH = re.compile(r' *(\d+)\) (.{14})\|  ( *)(\S.*)')
SWITCH = re.compile(r' *(\d+)\) +(\S+-\d+) +=> +(\S+-\d+) *')
CALL = re.compile(r'([\w.]+)(?:\+\S+)?(\(.*\))?(?: <-([\w.]+).*)?$')
LOST = re.compile(r'CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]')


class Threads:
    """What was recorded, by thread. Threads are known by their names and by which of that name they
    were, for pids change when another thread is started before."""

    def __init__(self):
        self.items, self.labels, self.lost = {}, {}, 0

    def key(self, label, cpu):
        """Returns what a thread is known by until settle(). The idle ones are those of their CPUs.
        """
        name, pid = label.rsplit('-', 1)
        key = name, int(pid), int(cpu) if pid == '0' else 0
        if key not in self.items:
            self.items[key] = []
            self.labels[key] = label + (' of CPU ' + cpu if pid == '0' else '')
        return key

    def add(self, key, item):
        self.items[key].append(item)

    def settle(self):
        """From now on threads are known by their names and which of that name they were."""
        found, labels, named = {}, {}, collections.Counter()
        for name, pid, cpu in sorted(self.items):
            key = (name, 'CPU', cpu) if pid == 0 else (name, named[name])
            named[name] += pid != 0
            found[key] = self.items[name, pid, cpu]
            labels[key] = self.labels[name, pid, cpu]
        self.items, self.labels = found, labels


def _function(text):
    """Returns (name, caller) of a call; (None, '') for another event."""
    found = CALL.fullmatch(text)
    if found and (found[3] or found[2] is None and not re.search(r'[ :]', text)):
        return found[1], found[3] or ''
    return None, ''


class _Graph:
    """The calls of function_graph, whose lines name the CPU, and threads only where they change."""

    def __init__(self, threads):
        self.threads = threads
        self.now, self.waiting, self.open = {}, {}, {}

    def switch(self, cpu, before, after):
        # Now it is known who ran until here.
        if cpu not in self.now:
            self._settle(cpu, before)
        self.now[cpu] = after

    def _settle(self, cpu, label):
        key, items = self.threads.key(label, cpu), self.waiting.pop(cpu, None)
        if items is not None:
            self.open[key] = self.open.pop(cpu, {})
            self.threads.items[key] += items
            # Calls that are still open are in the new list from now on.
            first = len(self.threads.items[key]) - len(items)
            self.open[key] = {depth: (name, i + first)
                              for depth, (name, i) in self.open[key].items()}

    def line(self, cpu, duration, spaces, text):
        if cpu in self.now:
            key = self.threads.key(self.now[cpu], cpu)
            items = self.threads.items[key]
        else:
            key, items = cpu, self.waiting.setdefault(cpu, [])
        stack = self.open.setdefault(key, {})
        depth, span = len(spaces) // tracetext.INDENT, duration.strip(' |+!#*@$')
        if text.startswith('/*'):
            items.append(Item(None, '', spaces + text, '', ''))
        elif text.startswith('}'):
            # Its line has the duration of a call that is known already, if it began in the trace.
            name, at = stack.pop(depth, (None, None))
            if name is None:
                items.append(Item(None, '', spaces + '}', '', span))
            else:
                items[at] = items[at]._replace(span=span)
        else:
            call = re.split(r' \{$|;(?: /\*.*)?$', text)[0]
            name = re.match(r'[\w.]*', call)[0]
            caller = stack.get(depth - 1, ('', 0))[0]
            if text.endswith('{'):
                stack[depth] = name, len(items)
            items.append(Item(name, caller, spaces + call, '', span))

    def end(self):
        for cpu in list(self.waiting):
            # Only one thread ran there, whose name is not in the text.
            self._settle(cpu, 'CPU-' + cpu)


def parse(lines):
    """Returns the Threads of a text. Lines that are not of a trace are passed over."""
    threads, last = Threads(), None
    graph = _Graph(threads)
    for line in lines:
        line = line.rstrip()
        found = FUNCTION.fullmatch(line)
        if found:
            comm, pid, cpu, time, text = found.groups()
            last = threads.key('%s-%s' % (comm, pid), str(int(cpu)))
            threads.add(last, Item(*_function(text), text, time, ''))
            continue
        switch, found, lost = SWITCH.fullmatch(line), GRAPH.fullmatch(line), LOST.match(line)
        if switch:
            graph.switch(*switch.groups())
        elif found:
            graph.line(*found.groups())
        elif lost:
            threads.lost += int(lost[2] or 1)
        elif line.startswith(' => ') and last is not None:
            # A line of a stack belongs to the event above.
            item = threads.items[last][-1]
            threads.items[last][-1] = item._replace(text=item.text + '\n' + line)
    graph.end()
    threads.settle()
    return threads


def of_reader(reader):
    """Returns the Threads of a trace that was read with traceevents.Reader."""
    return parse(''.join(tracetext.lines(reader)).split('\n'))


def read(path):
    """Returns the Threads of a trace.dat or of a text."""
    with open(path, 'rb') as file:
        data = file.read()
    if data.startswith(tracedat.MAGIC):
        threads = of_reader(tracewrite.read(path))
    else:
        threads = parse(data.decode(errors='replace').split('\n'))
    if not threads.items:
        raise tracedat.BadFile('there is no trace in it')
    return threads
