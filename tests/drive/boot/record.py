#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Traces that are read out of a guest's memory: all lines of trace-cmd's report and of ./run
--record must be the guest's own, babeltrace2 must read what there is, and a guest that is stopped
or killed at any moment must leave nothing but true events. Prints TAP.

usage: record.py ARCH BUILD_DIRECTORY"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import guest
import postmortem
import qemu
import ringbuffer
from traces import tracedat, traceevents
from tap import Tap

RUN, TRACE = os.path.join(ROOT, 'run'), os.path.join(ROOT, 'tools', 'trace')
DIFF = os.path.join(ROOT, 'tools', 'tracediff')
SNAPSHOTS = 25

# The buffer is small, so that events are lost; every kind of event is there in the end.
FUNCTION = '''cd /sys/kernel/tracing
echo 8 > buffer_size_kb
insmod fprobe-sample filter=vfs_read
trace start -p function
workload all 3
trace start -p function -l 'vfs_*' -l 'kmalloc*' -l 'run_*'
echo 1 > options/func_stack_trace
cat /proc/cmdline
echo 0 > options/func_stack_trace
echo hello > trace_marker
echo rawdata > trace_marker_raw
cat /proc/cmdline
'''
GRAPH = '''cd /sys/kernel/tracing
echo 8 > buffer_size_kb
insmod fprobe-sample filter=vfs_read
trace start -p function_graph
workload all 3
trace start -p function_graph -l 'vfs_*' -l 'kmalloc*' -l 'run_*'
echo hello > trace_marker
cat /proc/cmdline
'''
END = '''trace stop
echo THE TRACE
cat trace
echo THE STATS
cat per_cpu/cpu*/stats
echo THE FORMATS
cat events/*/*/format
'''
CONTEXT = re.compile(r' *(\S.*)-(\d+) +\[(\d+)\] (?:[^ ]{5})? +([\d.]+): (.*)')
NUMBER = re.compile(r'[\d.]+')


def tool(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return (done.returncode, done.stdout.decode(errors='replace'),
            done.stderr.decode(errors='replace'))


def differences(ours, theirs, what):
    """Returns where two lists of lines differ first."""
    for i, (one, other) in enumerate(zip(ours, theirs)):
        if one != other:
            return ['%s: line %d: %r, and of the guest: %r' % (what, i, one, other)]
    if len(ours) != len(theirs):
        return ['%s: %d lines, and %d of the guest' % (what, len(ours), len(theirs))]
    return []


# --- One form for the lines of the guest and those of trace-cmd ---

def guest_function(lines):
    for line in lines:
        found = CONTEXT.fullmatch(line)
        if not found:
            yield line.strip()
            continue
        comm, pid, cpu, now, text = found.groups()
        text = re.sub(r'^tracing_mark_write: ', '', text)
        yield '%s-%s [%s] %s: %s' % (comm, pid, cpu, now, text)


def report_function(lines):
    for line in lines:
        found = CONTEXT.fullmatch(line)
        if not found:
            yield re.sub(r' \([0-9a-f]+\)$', '', line.strip())
            continue
        comm, pid, cpu, now, text = found.groups()
        kind, _, text = text.partition(':')
        text = text.strip().replace(' <-- ', ' <-').replace('<stack trace >', '<stack trace>')
        text = re.sub(r'^tracing_mark_write: ', '', text)
        if kind == 'raw_data':
            text = re.sub(r'^# ([0-9a-f]+) ', r'# \1 buf: ', text)
        yield '%s-%s [%s] %s: %s' % (comm, pid, cpu, now, text)


def short(duration):
    """Returns a duration with the digits that the guest shows of it."""
    found = NUMBER.search(duration)
    if not found:
        return ''
    whole, _, rest = found[0].partition('.')
    room = min(max(7 - len(whole), 0), 3) if len(whole) < 7 else 0
    return whole + '.' + rest[:room]


def guest_graph(lines):
    for line in lines:
        found = re.fullmatch(r' *(\d+)\) (.{14})\|  ( *)(.*)', line)
        if found:
            cpu, duration, spaces, text = found.groups()
            said = re.fullmatch(r'/\* (.*) \*/', text)
            yield (int(cpu), said[1]) if said else \
                (int(cpu), short(duration), len(spaces), re.sub(r'} /\* .* \*/', '}', text))


def report_graph(lines):
    for line in lines:
        found = CONTEXT.fullmatch(line)
        if not found:
            continue
        cpu, text = int(found[3]), found[5]
        kind, _, text = text.partition(':')
        if kind.startswith('funcgraph'):
            duration, _, text = text.partition('|')
            yield cpu, short(duration), len(text) - len(text.lstrip()) - 2, text.strip()
        else:
            yield cpu, re.sub(r'^(tracing_mark_write|end): ', '', text.strip())


def report_plain_graph(lines):
    """Reads a report that was made without plugins."""
    for line in lines:
        found = CONTEXT.fullmatch(line)
        if not found:
            continue
        cpu, text = int(found[3]), found[5].partition(':')[2].strip()
        begin = re.match(r'--> ([\w.]+) \((\d+)\)', text)
        end = re.match(r'<-- [\w.]+ \((\d+)\) \(start: (\w+)  end: (\w+)\)', text)
        if begin:
            yield cpu, '', 2 * int(begin[2]), begin[1] + '() {'
        elif end:
            took = int(end[3], 16) - int(end[2], 16)
            yield cpu, short('%d.%03d' % divmod(took, 1000)), 2 * int(end[1]), '}'
        else:
            yield cpu, re.sub(r'^(tracing_mark_write|end): ', '', text)


def whole_calls(lines):
    """Returns the lines of each CPU, with two for each call."""
    found = []
    for cpu, *rest in lines:
        if rest[-1].endswith('();'):
            found += [(cpu, '', rest[1], rest[2][:-1] + ' {'), (cpu, rest[0], rest[1], '}')]
        else:
            found.append((cpu, *rest))
    return sorted(found, key=lambda line: line[0])


def is_event(line):
    return line.strip() and not re.match(r'#|CPU:\d+ \[LOST|CPU:\d+ \[|cpus=|version|#####', line)


# --- What is compared ---

def compare_text(folder, own):
    with open(os.path.join(folder, 't.txt')) as file:
        ours = [line.rstrip('\n') for line in file]
    return differences([line for line in ours if is_event(line)],
                       [line for line in own if is_event(line)], 'the .txt')


def report(folder, plain):
    """Has trace-cmd make its report, `plain` without plugins. The one for the function graph takes
    an entry and the next exit of the same function by the same pid for one call; the idle threads
    all have the pid 0, so on several CPUs it joins the calls of two of them."""
    return tool('trace-cmd', 'report', *(['-N'] if plain else ['-O', 'parent']),
                os.path.join(folder, 't.dat'))


def compare_report(folder, own, is_graph, cpus):
    plain = is_graph and cpus > 1
    status, out, err = report(folder, plain)
    if status:
        return ['trace-cmd: ' + err]
    theirs = [line for line in out.split('\n') if is_event(line)]
    own = [line for line in own if is_event(line)]
    forms = (report_function, guest_function)
    if is_graph:
        forms = (report_plain_graph if plain else report_graph, guest_graph)
    order = whole_calls if is_graph else list
    found = differences(order(forms[0](theirs)), order(forms[1](own)), "trace-cmd's report")
    return found or ([] if len(theirs) > 100 else ['only %d lines' % len(theirs)])


def compare_lost(folder, trace, stats):
    """What the guest counted as overwritten is what both readers say is lost."""
    wanted = [int(number) for number in re.findall(r'^overrun: (\d+)', stats, re.M)]
    _, out, _ = report(folder, True)
    told = sum(map(int, re.findall(r'\[(\d+) EVENTS DROPPED\]', out)))
    with open(os.path.join(folder, 't.txt')) as file:
        ours = sum(map(int, re.findall(r'\[LOST (\d+) EVENTS\]', file.read())))
    unknown = len(re.findall(r'\[EVENTS DROPPED\]', out))
    problems = [] if sum(wanted) else ['nothing was lost']
    # A full sub-buffer has no room for the number.
    if not unknown and (told, ours) != (sum(wanted), sum(wanted)):
        problems.append('lost: %d, but %d for trace-cmd and %d in the text' % (
            sum(wanted), told, ours))
    without_now = re.sub(r'^now ts:.*\n', '', stats, flags=re.M)
    if ''.join(trace.stats[cpu] for cpu in sorted(trace.stats)) != without_now:
        problems.append('statistics differ: %r, %r' % (trace.stats, without_now))
    return problems


def compare_ctf(folder, reader):
    status, out, err = tool('babeltrace2', '--clock-seconds', '--no-delta',
                            os.path.join(folder, 't.ctf'))
    if status:
        return ['babeltrace2: ' + err[-2000:]]
    theirs = [re.match(r'\[(\d+\.\d+)\] .*?(\w+): \{ cpu_id = (\d+)', line)
              for line in out.split('\n') if line.startswith('[')]
    ours = [('%d.%09d' % divmod(event.time, 10 ** 9), reader.format(event).name, str(event.cpu))
            for event in reader]
    return differences([found and found.groups() for found in theirs], ours, 'CTF')


def compare_json(folder, reader):
    """Slices are the calls whose ends are there, everything else is an instant."""
    with open(os.path.join(folder, 't.json')) as file:
        entries = json.load(file)['traceEvents']
    ends = sum(reader.is_a(event, 'funcgraph_exit') for event in reader)
    begins = sum(reader.is_a(event, 'funcgraph_entry') for event in reader)
    others = sum(1 for _ in reader) - ends - begins
    found = {kind: sum(entry['ph'] == kind and entry['pid'] == 1 for entry in entries)
             for kind in 'Xi'}
    problems = [] if found == {'X': ends, 'i': others} else ['Chrome: %s of %d ends, %d others' % (
        found, ends, others)]
    return problems + ['a time is before the trace' for entry in entries if entry.get('ts', 0) < 0]


def compare_pictures(folder, reader):
    """The time in all pictures is that of the outermost calls; slices of speedscope nest."""
    outer = sum(call.end - call.begin for call in traceevents.calls(reader) if len(call.path) == 1)
    with open(os.path.join(folder, 't.folded')) as file:
        total = sum(int(line.rsplit(' ', 1)[1]) for line in file)
    problems = [] if total == outer > 0 else ['folded: %d ns of %d' % (total, outer)]
    with open(os.path.join(folder, 't.speedscope.json')) as file:
        scope = json.load(file)
    for profile in scope['profiles']:
        stack, last = [], 0
        for event in profile['events']:
            if event['at'] < last:
                problems.append('speedscope: times go backwards')
            last = event['at']
            if event['type'] == 'O':
                stack.append(event['frame'])
            elif not stack or stack.pop() != event['frame']:
                problems.append('speedscope: calls do not nest')
        problems += ['speedscope: a call does not end'] if stack else []
    with open(os.path.join(folder, 't.svg')) as file:
        image = file.read()
    return problems + ([] if image.count('<rect') > 10 and '</svg>' in image else ['no picture'])


def read_again(folder, image):
    """From the .dat, and from the RAM, comes the same as from the machine."""
    problems, first = [], open(os.path.join(folder, 't.txt')).read()
    for words in [], ['--elf', image]:
        source = 't.ram' if words else 't.dat'
        out = os.path.join(folder, 'again.txt'), os.path.join(folder, 'again.dat')
        status, _, err = tool(TRACE, *words, os.path.join(folder, source), *out)
        if status or err:
            problems.append('%s: %d %s' % (source, status, err))
        elif open(out[0]).read() != first:
            problems.append(source + ' has another text')
        elif open(out[1], 'rb').read() != open(os.path.join(folder, 't.dat'), 'rb').read():
            problems.append(source + ' makes another trace.dat')
    return problems


def refusals(folder):
    """Entries alone have no durations, and no clock that counts has times."""
    trace = tracedat.read(open(os.path.join(folder, 't.dat'), 'rb').read())
    path = os.path.join(folder, 'counted.dat')
    trace.clock = 'local [counter]'
    stack = next(text for _, text in trace.formats if text.startswith('name: kernel_stack\n'))
    trace.formats.remove(('ftrace', stack))
    with open(path, 'wb') as file:
        tracedat.write(trace, file)
    problems = []
    for end, words in ('.svg', 'entries alone'), ('.folded', 'entries alone'), \
            ('.json', 'does not count time'), ('.speedscope.json', 'entries alone'):
        status, _, err = tool(TRACE, path, os.path.join(folder, 'no' + end))
        if status != 1 or words not in err or os.path.exists(os.path.join(folder, 'no' + end)):
            problems.append('%s: %d %s' % (end, status, err))
    for name, words in ('t.txt', 'no trace.dat'), ('short.dat', 'ends too early'):
        with open(os.path.join(folder, 'short.dat'), 'wb') as file:
            file.write(open(os.path.join(folder, 't.dat'), 'rb').read()[:-5000])
        status, _, err = tool(TRACE, os.path.join(folder, name))
        if status != 1 or words not in err:
            problems.append('%s: %d %s' % (name, status, err))
    return problems


def damaged(arch, folder, image):
    """Returns what is wrong when a sub-buffer in the RAM does not verify: it alone is left out."""
    with open(os.path.join(folder, 't.ram'), 'rb') as file:
        memory = guest.Guest(arch, image, bytearray(file.read()))
    whole = ringbuffer.read(memory)
    buffer = memory.field(memory.address('global_trace'), 'trace_array', 'buffer')
    ring = memory.number(buffer + memory.offset('trace_buffer', 'buffers'))
    head = memory.field(ring, 'ring_buffer_per_cpu', 'head') // guest.PAGE
    ring += memory.offset('ring_buffer_per_cpu', 'ring')
    slot = head % memory.field(ring, 'rb_ring', 'nr_pages')
    at = memory._to_physical(memory.field(ring, 'rb_ring', 'base') + slot * guest.PAGE +
                             8 + memory.word) - guest.RAM_START[arch]
    memory.ram[at:at + 8] = b'\x3d\0\0\0\xff\xff\0\0'	# padding that leads out of it
    torn = ringbuffer.read(memory)
    problems = [] if any('does not verify' in note for note in torn.notes) else ['no note']
    if torn.cpus[0] != whole.cpus[0][1:]:
        problems.append('other sub-buffers are missing, or the damaged one is there')
    return problems


def recorded(tap, arch, folder, tracer, cpus):
    """One boot, and everything that can be made of it."""
    name, is_graph = '%s on %d CPUs: ' % (tracer, cpus), tracer == 'function_graph'
    with tempfile.TemporaryDirectory() as place:
        ends = ['.dat', '.txt', '.ctf', '.json', '.ram']
        ends += ['.folded', '.svg', '.speedscope.json'] if is_graph else []
        words = [word for end in ends for word in ('--record', os.path.join(place, 't' + end))]
        script = (GRAPH if is_graph else FUNCTION) + END
        status, out, err = tool(RUN, arch, '--build', folder, '--smp', str(cpus), '--mem', '64',
                                *words, '-c', script)
        tap.case(name + './run --record', [] if not status and '--record' not in err else
                 ['status %d' % status, err[-2000:]])
        own, _, stats = out.partition('THE TRACE\n')[2].partition('THE STATS\n')
        own = own.split('\n')
        stats, _, formats = stats.partition('THE FORMATS\n')
        with open(os.path.join(place, 't.dat'), 'rb') as file:
            trace = tracedat.read(file.read())
        reader = traceevents.Reader(trace)
        kinds = {reader.format(event).name for event in reader}
        wanted = {'funcgraph_entry', 'funcgraph_exit', 'bprint', 'print'} if is_graph else \
            {'function', 'bprint', 'print', 'raw_data', 'kernel_stack'}
        tap.case(name + 'all kinds of events', [] if wanted <= kinds else [str(kinds)])
        tap.case(name + 'formats', differences(
            sorted(text for _, text in trace.formats),
            sorted(re.split(r'^(?=name: )', formats, flags=re.M)[1:]), 'formats'))
        tap.case(name + 'the text is the guest\'s', compare_text(place, own))
        tap.case(name + 'trace-cmd report is the guest\'s text',
                 compare_report(place, own, is_graph, cpus))
        tap.case(name + 'lost events and statistics', compare_lost(place, trace, stats))
        tap.case(name + 'babeltrace2 reads the CTF', compare_ctf(place, reader))
        tap.case(name + 'Chrome\'s JSON', compare_json(place, reader))
        image = build.elf(folder)
        tap.case(name + 'the same from trace.dat and from RAM', read_again(place, image))
        if is_graph:
            tap.case(name + 'stacks, flame graph, speedscope', compare_pictures(place, reader))
        elif cpus == 1:
            tap.case(name + 'what cannot be drawn is refused', refusals(place))
            tap.case(name + 'a damaged sub-buffer', damaged(arch, place, image))


# --- A machine that is stopped at any moment, and killed ---

def check_snapshot(trace, known):
    """Returns what is wrong with a trace that was taken while the guest was writing. `known` has
    the events that were seen before, by CPU and by their number since the beginning."""
    problems = [note for note in trace.notes if 'was being written' not in note]
    for cpu, pages in trace.cpus.items():
        number = int(re.search(r'^overrun: (\d+)', trace.stats[cpu], re.M)[1])
        before = 0
        for page in pages:
            for event in traceevents.of_page(page, trace.word, cpu):
                if event.time < before:
                    problems.append('CPU %d: time goes backwards' % cpu)
                before = event.time
                event = event._replace(lost=0)
                if known.setdefault((cpu, number), event) != event:
                    problems.append('CPU %d: event %d is another one now: %s, %s' % (
                        cpu, number, known[cpu, number], event))
                number += 1
    return problems


def stopped(arch, folder):
    """Takes the trace of a running machine many times, and once more when QEMU was killed."""
    script = "echo 64 > /sys/kernel/tracing/buffer_size_kb; trace start -p function; " \
        "workload all 10000\n"
    machine = qemu.Machine(arch, build.image(folder, arch), qemu.boot_words(arch, True), script,
                           smp=4, mem='64')
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    known, problems, taken, overlaps = {}, [], 0, 0
    try:
        end = time.monotonic() + 120
        while taken < SNAPSHOTS and not problems and time.monotonic() < end:
            postmortem.ask(machine.monitor, 'stop')
            if taken == SNAPSHOTS - 1:
                process.send_signal(signal.SIGKILL)
                process.wait()
            try:
                memory = guest.Guest(arch, build.elf(folder), machine.memory())
                trace = ringbuffer.read(memory) if memory.has_begun() else None
            except guest.Unreadable:
                trace = None
            if trace and all(trace.cpus.get(cpu) for cpu in range(4)):
                before = len(known)
                problems += check_snapshot(trace, known)
                overlaps += len(known) - before < sum(
                    int(re.match(r'entries: (\d+)', text)[1]) for text in trace.stats.values())
                taken += 1
            elif process.poll() is not None:
                problems.append('there is no trace')
            postmortem.ask(machine.monitor, 'cont')
    finally:
        process.kill()
        process.wait()
        machine.close()
    if not problems and (taken < SNAPSHOTS or not overlaps):
        problems.append('%d snapshots, %d of which overlap' % (taken, overlaps))
    return problems[:10]


def repeated(arch, folder):
    """Two runs under --icount leave the same bytes, and a third one that does more differs from
    them in what it does more."""
    problems = []
    with tempfile.TemporaryDirectory() as place:
        paths = [os.path.join(place, name) for name in ('a.dat', 'b.dat', 'c.dat')]
        for path in paths:
            twice = ' /proc/version' if path == paths[2] else ''
            golden = [] if path == paths[0] else ['--golden', paths[0]]
            status, _, err = tool(RUN, arch, '--build', folder, '--icount', '--mem', '64',
                                  '--record', path, *golden, '-c', 'trace start -p function; '
                                  'trace record -l "vfs_*" cat /proc/version' + twice)
            told = 'the trace is not that of --golden:\n' in err and \
                'count: vfs_open, 2 calls instead of 1' in err
            if (status, told) != ((1, True) if twice else (0, False)):
                problems.append('status %d: %s' % (status, err[-1000:]))
        first, second = (open(path, 'rb').read() for path in paths[:2])
        if first != second:
            problems.append('two runs differ in their bytes')
        status, out, err = tool(DIFF, '--times', *paths[:2])
        if (status, out, err) != (0, '', ''):
            problems.append('two runs differ: %d %s%s' % (status, out, err))
        status, out, err = tool(DIFF, paths[0], paths[2])
        if status != 1 or 'count: vfs_open, 2 calls instead of 1' not in out or \
                not re.search(r'^cat-\d+: from line', out, re.M):
            problems.append('a run that opens another file: %d %s%s' % (status, out, err))
        status, out, err = tool(DIFF, paths[0], build.elf(folder))
        if status != 2 or 'there is no trace in it' not in err:
            problems.append('no trace: %d %s%s' % (status, out, err))
    return problems


def wrong_names():
    """An output whose format is not known is refused before anything is booted."""
    problems = []
    for words in [RUN, '--record', 'trace.xyz'], [TRACE, 't.dat', 'trace.xyz'], \
            [RUN, '--record', '']:
        status, out, err = tool(*words)
        if status != 2 or 'ends with none of .dat' not in err or out:
            problems.append('%s: %d %s' % (words, status, err))
    status, out, err = tool(RUN, '--golden', __file__)
    if status != 1 or 'there is no trace in it' not in err or out:
        problems.append('--golden: %d %s' % (status, err))
    return problems


def main():
    arch, folder = sys.argv[1:]
    build.setup('trace')
    tap = Tap()
    tap.case('names of no format', wrong_names())
    for tracer in 'function', 'function_graph':
        for cpus in 1, 4:
            recorded(tap, arch, folder, tracer, cpus)
    tap.case('runs under --icount are the same', repeated(arch, folder))
    tap.case('stopped %d times, and killed' % SNAPSHOTS, stopped(arch, folder))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
