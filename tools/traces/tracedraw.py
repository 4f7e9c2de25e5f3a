# SPDX-License-Identifier: MIT
"""Pictures of a trace: Chrome's JSON, which ui.perfetto.dev and chrome://tracing show; folded
stacks and a flame graph made from them; speedscope's JSON. What would have to be invented is
refused."""
import collections
import html
import json
from traces import traceevents, tracetext


THREADS, CPUS = 1, 2		# the two "processes" of Chrome's JSON, which group the tracks
IDLE_TRACK = 1 << 22		# above every pid: the idle thread of CPU 0
SVG_WIDTH, ROW, FONT, LETTER, LEAST = 1200, 18, 12, 7, 0.3
COLOURS = ('#e8a0a0', '#e8bc90', '#e8d690', '#c2dc98', '#9cd8b4', '#98cddc', '#a8b8e6', '#cdb0e0')

NO_TIME = 'The clock "%s" does not count time, so there are no durations and no places in time.'
NO_STACKS = ('There are neither ends of calls nor stacks in it: entries alone say nothing about '
             'how long a function ran or what it was called by before its caller. Record with -p '
             'function_graph, or with the option func_stack_trace.')


class Refused(Exception):
    """This cannot honestly be drawn; the text says why."""


def track_of(event):
    return event.pid or IDLE_TRACK + event.cpu


def _microseconds(ns):
    # JSON's numbers have room for it: whole nanoseconds, written with three digits.
    return ns / 1000


def _name_tracks(reader, tracks):
    yield {'ph': 'M', 'pid': THREADS, 'tid': 0, 'name': 'process_name', 'args': {'name': 'threads'}}
    yield {'ph': 'M', 'pid': CPUS, 'tid': 0, 'name': 'process_name', 'args': {'name': 'CPUs'}}
    for track in sorted(tracks):
        name = '<idle>/%d' % (track - IDLE_TRACK) if track >= IDLE_TRACK else \
            '%s-%d' % (reader.comm(track), track)
        yield {'ph': 'M', 'pid': THREADS, 'tid': track, 'name': 'thread_name',
               'args': {'name': name}}
    for cpu in sorted(reader.trace.cpus):
        yield {'ph': 'M', 'pid': CPUS, 'tid': cpu, 'name': 'thread_name',
               'args': {'name': 'CPU %d' % cpu}}


def _unfinished(reader):
    """Yields the beginnings of calls that had no end yet when the trace ended."""
    still = {}
    for event in reader:
        # Behind lost events nobody knows which calls are still open.
        if event.lost:
            still = {}
        if reader.is_a(event, 'funcgraph_entry') or reader.is_a(event, 'funcgraph_exit'):
            calls, depth = still.setdefault(traceevents.task_of(event), {}), \
                reader.get(event, 'depth')
            for deeper in [key for key in calls if key >= depth]:
                del calls[deeper]
            if reader.is_a(event, 'funcgraph_entry'):
                calls[depth] = event
    for calls in still.values():
        yield from (calls[depth] for depth in sorted(calls))


def _switches(reader):
    """Yields slices that tell which thread was on which CPU, from events of the scheduler."""
    running = {}
    for event in reader:
        known = reader.format(event)
        if known is None or known.name != 'sched_switch':
            continue
        begun = running.get(event.cpu)
        if begun:
            yield {'ph': 'X', 'pid': CPUS, 'tid': event.cpu, 'ts': _microseconds(begun[0]),
                   'dur': _microseconds(event.time - begun[0]), 'name': begun[1]}
        pid = known.number(event, 'next_pid', 0)
        name = known.value(event, 'next_comm') if 'next_comm' in known.fields else reader.comm(pid)
        running[event.cpu] = event.time, '%s-%d' % (name, pid)


def _instant(reader, event):
    known = reader.format(event)
    said = tracetext.message(reader, event)
    args = {'cpu': event.cpu}
    if reader.is_a(event, 'function'):
        name, args['caller'] = reader.function(event), reader.caller(event)
    elif said is not None:
        name = said.strip() or known.name
    elif known is not None:
        name, args['text'] = known.name, tracetext.text(reader, event).strip()
    else:
        name = 'type %d' % event.id
    return {'ph': 'i', 's': 't', 'pid': THREADS, 'tid': track_of(event),
            'ts': _microseconds(event.time), 'name': name, 'args': args}


def chrome(reader):
    """Returns the trace in Chrome's format for traces."""
    if not reader.trace.in_ns:
        raise Refused(NO_TIME % reader.trace.clock_name)
    out, tracks = [], set()
    for event in reader:
        tracks.add(track_of(event))
        if event.lost:
            out.append({'ph': 'i', 's': 't', 'pid': CPUS, 'tid': event.cpu,
                        'ts': _microseconds(event.time), 'args': {'events': event.lost},
                        'name': 'events lost before this' if event.lost < 0 else
                        '%d events lost before this' % event.lost})
        if not (reader.is_a(event, 'funcgraph_entry') or reader.is_a(event, 'funcgraph_exit')):
            out.append(_instant(reader, event))
    for call in traceevents.calls(reader):
        out.append({'ph': 'X', 'pid': THREADS, 'tid': track_of(call),
                    'ts': _microseconds(call.begin), 'dur': _microseconds(call.end - call.begin),
                    'name': reader.symbols.name(call.func), 'args': {'cpu': call.cpu}})
    for event in _unfinished(reader):
        out.append({'ph': 'B', 'pid': THREADS, 'tid': track_of(event),
                    'ts': _microseconds(event.time), 'name': reader.function(event),
                    'args': {'cpu': event.cpu, 'unfinished': True}})
    out += _switches(reader)
    # Outer slices first where two begin at the same time.
    out.sort(key=lambda entry: (entry['ts'], -entry.get('dur', 0)))
    return json.dumps({'displayTimeUnit': 'ns',
                       'traceEvents': [*_name_tracks(reader, tracks), *out],
                       'otherData': {'guest': reader.trace.name, 'notes': reader.trace.notes}})


def stacks(reader):
    """Returns ({path from the outermost function: weight}, unit). The weights are times in ns where
    the ends of calls are known, otherwise numbers of recorded stacks."""
    found = collections.Counter()
    if reader.trace.in_ns:
        for call in traceevents.calls(reader):
            path = (reader.comm(call.pid), *map(reader.symbols.name, call.path))
            found[path] += call.end - call.begin - call.inner
    if found:
        return found, 'nanoseconds'
    for event in reader:
        if reader.is_a(event, 'kernel_stack'):
            names = [reader.symbols.name(address, int(i > 0))
                     for i, address in enumerate(reader.stack(event))]
            found[(reader.comm(event.pid), *reversed(names))] += 1
    if not found:
        raise Refused(NO_STACKS)
    return found, 'stacks'


def folded(reader):
    """Returns a line for each path: functions separated by semicolons, and its weight."""
    found, _ = stacks(reader)
    return ''.join('%s %d\n' % (';'.join(name.replace(';', ',').replace(' ', '_') for name in path),
                                weight) for path, weight in sorted(found.items()))


class _Box:
    def __init__(self):
        self.weight, self.inside = 0, {}


def _tree(found):
    top = _Box()
    for path, weight in found.items():
        box = top
        box.weight += weight
        for name in path:
            box = box.inside.setdefault(name, _Box())
            box.weight += weight
    return top


def _boxes(box, name, x, depth, scale):
    """Yields (name, weight, x, width, depth) of what is wide enough to be seen."""
    width = box.weight * scale
    if width < LEAST:
        return
    yield name, box.weight, x, width, depth
    for inner in sorted(box.inside):
        yield from _boxes(box.inside[inner], inner, x, depth + 1, scale)
        x += box.inside[inner].weight * scale


def flame(reader):
    """Returns a flame graph as SVG: a function's width is the time that it and what it called took.
    """
    found, unit = stacks(reader)
    top = _tree(found)
    if not top.weight:
        raise Refused('All calls took no time.')
    boxes = list(_boxes(top, 'all', 0, 0, SVG_WIDTH / top.weight))
    height = (max(depth for *_, depth in boxes) + 1) * ROW
    what = 'width: time in the function and in what it called, also while its thread slept' \
        if unit == 'nanoseconds' else 'width: how many of the recorded stacks, not time'
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" '
           'font-size="%d">\n<title>%s</title>\n<text x="4" y="%d">%s</text>\n'
           % (SVG_WIDTH, height + 2 * ROW, FONT, html.escape(reader.trace.name or 'trace'), ROW - 4,
              what)]
    for name, weight, x, width, depth in boxes:
        amount = '%.3f us' % (weight / 1000) if unit == 'nanoseconds' else '%d stacks' % weight
        y = height + ROW - depth * ROW
        label = name if len(name) * LETTER < width - 4 else \
            name[:max(int((width - 4) / LETTER) - 1, 0)]
        out.append('<g><title>%s: %s, %.1f %%</title><rect x="%.2f" y="%d" width="%.2f" '
                   'height="%d" fill="%s" stroke="white"/><text x="%.2f" y="%d">%s</text></g>\n'
                   % (html.escape(name), amount, 100 * weight / top.weight, x, y, width, ROW,
                      COLOURS[sum(name.encode()) % len(COLOURS)], x + 3, y + ROW - 5,
                      html.escape(label)))
    return ''.join(out) + '</svg>\n'


def _profile_of_calls(calls, name, index):
    """Returns the profile of one thread: its calls as openings and closings, which nest."""
    events, still = [], []

    def close(until):
        while still and still[-1].end <= until:
            call = still.pop()
            events.append({'type': 'C', 'frame': index[call.func], 'at': call.end})

    for call in calls:
        close(call.begin)
        # Calls whose times do not nest, as those of another clock's jump, cannot be shown.
        if still and call.end > still[-1].end:
            continue
        events.append({'type': 'O', 'frame': index[call.func], 'at': call.begin})
        still.append(call)
    close(float('inf'))
    return {'type': 'evented', 'name': name, 'unit': 'nanoseconds', 'events': events,
            'startValue': events[0]['at'], 'endValue': events[-1]['at']}


def speedscope(reader):
    """Returns the trace in the file format of speedscope."""
    found, unit = stacks(reader)
    profiles, frames, index = [], [], {}

    def frame(key, name):
        if key not in index:
            index[key] = len(frames)
            frames.append({'name': name})
        return index[key]

    if unit == 'nanoseconds':
        threads = {}
        for call in traceevents.calls(reader):
            frame(call.func, reader.symbols.name(call.func))
            threads.setdefault(track_of(call), []).append(call)
        for track, calls in sorted(threads.items()):
            name = '<idle>/%d' % (track - IDLE_TRACK) if track >= IDLE_TRACK else \
                '%s-%d' % (reader.comm(track), track)
            profiles.append(_profile_of_calls(calls, name, index))
    else:
        samples = [[frame(name, name) for name in path] for path in found]
        weights = list(found.values())
        profiles.append({'type': 'sampled', 'name': 'recorded stacks', 'unit': 'none',
                         'samples': samples, 'weights': weights, 'startValue': 0,
                         'endValue': sum(weights)})
    return json.dumps({'$schema': 'https://www.speedscope.app/file-format-schema.json',
                       'shared': {'frames': frames}, 'profiles': profiles,
                       'name': reader.trace.name, 'exporter': 'patchbay'})
