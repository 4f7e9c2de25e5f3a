# SPDX-License-Identifier: MIT
"""What a guest was doing when its time was over, or when it died: each CPU's place in the code,
each thread's, the end of the log, and the last traced calls. tools/guest.py and tools/ringbuffer.py
read it all from outside."""
import json
import re
import select
import time

import guest
import ringbuffer
from traces import traceevents

PANICKED = 122			# the exit status of ./run
LOG_LINES, CALLS = 15, 20
MONITOR_SECONDS = 5		# in which QEMU's monitor must answer
# How the monitor's text calls the registers that tell where a CPU is.
REGISTERS = {
    'i386': {'pc': r'EIP=([0-9a-f]+)', 'fp': r'EBP=([0-9a-f]+)', 'flags': r'EFL=([0-9a-f]+)'},
    'arm64': {'pc': r'PC=([0-9a-f]+)', 'fp': r'X29=([0-9a-f]+)', 'flags': r'PSTATE=([0-9a-f]+)'},
}
OFF = {'i386': lambda flags: not flags & 0x200, 'arm64': lambda flags: flags & 0x80}


def ask(monitor, command, **arguments):
    """Returns what QEMU's monitor answers; None if it does not, because QEMU has ended."""
    end, text = time.monotonic() + MONITOR_SECONDS, b''
    try:
        monitor.sendall(json.dumps({'execute': command, 'arguments': arguments,
                                    'id': command}).encode() + b'\n')
        while select.select([monitor], [], [], max(0, end - time.monotonic()))[0]:
            piece = monitor.recv(65536)
            if not piece:
                return None
            *lines, text = (text + piece).split(b'\n')
            for line in lines:
                answer = json.loads(line)
                if answer.get('id') == command:
                    return answer.get('return')
    except (OSError, ValueError):
        pass
    return None


def registers(arch, monitor):
    """Stops the machine and returns the registers of each CPU; [] if it is gone."""
    ask(monitor, 'stop')
    text = ask(monitor, 'human-monitor-command', **{'command-line': 'info registers -a'}) or ''
    found = []
    for part in text.split('CPU#')[1:]:
        values = {name: re.search(pattern, part) for name, pattern in REGISTERS[arch].items()}
        if all(values.values()):
            found.append({name: int(value[1], 16) for name, value in values.items()})
    return found


def explained(machine, path, status, words):
    """Returns the exit status of a machine that has come to its end with this status, and `words`
    of qemu.Machine.status(), with a report behind them about the kernel whose image is `path`. If
    it panicked, the status and the words say so; if it powered off as it should there is no report.
    """
    if not status and not words:
        return status, words
    try:
        dead = guest.Guest(machine.arch, path, machine.memory())
        if not dead.has_begun() or not (words or dead.changed('oops_cpu')):
            return status, words
    except (guest.Unreadable, OSError):
        # QEMU did not start, or the kernel is not there yet.
        return status, words
    lines = [words or 'the kernel panicked']
    try:
        # A panic has just written all of its log.
        for line in report(dead, machine.cpus, bool(words)):
            lines.append(line)
    except guest.Unreadable as error:
        lines.append('no more of its memory makes sense: %s' % error)
    return status if words else PANICKED, '\n'.join(lines)


def _frames(dead, frames):
    """Yields the names of where a thread is, and of where its callers go on. A call may be the last
    instruction of a function that is not returned to, so what stands before that place counts."""
    for i, address in enumerate(frames):
        yield '    ' + dead.name(address, int(i > 0))


def _deadlock(threads, waits, first):
    """Returns words if whom a thread waits for waits in the end for the thread itself."""
    at, chain = first, []
    while at in waits and at not in chain:
        chain.append(at)
        at = waits[at][1]
    if at != first:
        return ''
    return ', a deadlock: ' + ' -> '.join('pid %d' % threads[t].pid for t in [*chain, first])


def _last_calls(dead):
    """Yields lines about the last calls that each CPU has recorded, and about what is missing."""
    reader = traceevents.Reader(ringbuffer.read(dead))
    for cpu, pages in sorted(reader.trace.cpus.items()):
        calls = []
        # The newest sub-buffers are enough, for there may be many.
        for page in reversed(pages):
            calls = [event for event in traceevents.of_page(page, dead.word, cpu)
                     if reader.function(event)] + calls
            if len(calls) >= CALLS:
                break
        if calls:
            yield 'the last traced calls of CPU %d:' % cpu
        for call in calls[-CALLS:]:
            address = reader.get(call, 'ip', None) or reader.get(call, 'func')
            parent = reader.get(call, 'parent_ip')
            yield '    %d.%09d pid %d: %s' % (
                *divmod(call.time, 10 ** 9), call.pid, dead.name(address)) + (
                ' <-' + dead.name(parent) if parent else '')
    yield from reader.trace.notes


def threads(dead, cpus):
    """Yields lines about each CPU and each thread of a guest. `cpus` are the registers of its CPUs,
    [] if QEMU has ended by itself."""
    all_threads = {thread.address: thread for thread in dead.threads()}
    waits = {address: dead.mutex_of(thread, all_threads)
             for address, thread in all_threads.items() if not thread.running and thread.frames}
    waits = {address: wait for address, wait in waits.items() if wait}
    for number, cpu in enumerate(cpus):
        thread = all_threads.get(dead.current(number))
        yield 'CPU %d: %s%s' % (
            number, 'pid %d "%s"' % thread[:2] if thread else 'no thread yet',
            ', interrupts off' if OFF[dead.arch](cpu['flags']) else '')
        yield from _frames(dead, dead.unwind(cpu['pc'], cpu['fp']))
    for thread in all_threads.values():
        if thread.running and cpus:
            continue
        yield 'pid %d "%s": %s, CPU %d' % thread[:4]
        if thread.address in waits:
            mutex, owner = waits[thread.address]
            yield '  waits for mutex %s of pid %d "%s"%s' % (
                mutex, *all_threads[owner][:2], _deadlock(all_threads, waits, thread.address))
        yield from _frames(dead, thread.frames)


def report(dead, cpus, log=True):
    """Yields lines of text about a guest: threads(), its log, and the last calls."""
    yield from threads(dead, cpus)
    if log:
        yield 'the end of the log:'
        yield from ('    ' + line for line in dead.log().split('\n')[-LOG_LINES - 1:-1])
    yield from _last_calls(dead)
