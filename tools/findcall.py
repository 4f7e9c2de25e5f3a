# SPDX-License-Identifier: MIT
"""Finds the instructions at which the events of a trace were recorded, by repeating the run. First
it goes through the run in wide steps, and notes how far the trace of each CPU has come at each.
Between two steps it goes on as far as the events still to come cost at least, and the rest of the
way with a breakpoint at the function's entry, or, if the event is no call, in steps that become
smaller each time that the run is repeated."""
import bisect
import collections

import guest
import replay
import ringbuffer

STEPS = 100			# how many wide ones there are, about
EVENT_COST = 24			# instructions: no event is recorded with fewer
NEAR = 48			# events to come, from which on every stop counts
SMALL = 2000			# instructions from one look at the ring buffer to the next there
SMALLER = SMALL, 64, 1		# without a breakpoint; a stop costs as much as 50,000 of them
HARDIRQ, HARDIRQ_MASK = 8, 0xf0000	# of an entry's flags, and of preempt_count

# Where an event is: the machine is to be stopped after `icount` instructions; then CPU `cpu` is at
# the entry of the function, or, if the event is no call, it has just recorded it.
Place = collections.namedtuple('Place', 'icount cpu at_entry')


class NotFound(Exception):
    """The place of an event was not found; the text says why."""


class Rings:
    """The ring buffers of a machine that repeats its run."""

    def __init__(self, arch, image, machine):
        self.arch, self.image, self.machine = arch, image, machine
        self.memory = None

    def guest(self):
        # On arm64 this looks for the kernel in memory, which must have begun.
        if self.memory is None:
            memory = guest.Guest(self.arch, self.image, self.machine.memory())
            if memory.has_begun():
                self.memory = memory
        return self.memory

    def at(self, cpu):
        """Returns the address of the ring buffer of a CPU; 0 while it has none."""
        try:
            memory = self.guest()
            buffer = memory and memory.field(memory.address('global_trace'), 'trace_array',
                                             'buffer')
            return memory.number(buffer + memory.offset('trace_buffer', 'buffers') +
                                 cpu * memory.word) if buffer else 0
        except guest.Unreadable:
            return 0

    def newest(self, cpu):
        """Returns the time of the newest event of a CPU; 0 if it has none."""
        at = self.at(cpu)
        try:
            return ringbuffer.newest(self.memory, at) if at else 0
        except guest.Unreadable:
            return 0

    def is_context(self, cpu, event):
        """Tells whether a CPU executes the thread of an event, and is in an interrupt if that was
        recorded in one."""
        memory = self.guest()
        task = memory and memory.current(cpu)
        if not task:
            return False
        count = memory.field(task, 'task_struct', 'preempt_count')
        return memory.field(task, 'task_struct', 'pid') == event.pid and \
            bool(count & HARDIRQ_MASK) == bool(event.flags & HARDIRQ)


class Walk(replay.Replay):
    """A machine that repeats the run, with a look at its ring buffers."""

    def __init__(self, image, make):
        super().__init__(make())
        self.image, self.make = image, make
        self.rings = Rings(self.machine.arch, image, self.machine)

    def again(self, icount):
        """Begins the run again, and goes to an earlier place than this one."""
        self.close()
        self.__init__(self.image, self.make)
        self.run_to(icount)

    def small_steps(self, event, width):
        """Goes on until an event has been recorded."""
        while self.rings.newest(event.cpu) < event.time:
            self.run_to(self.at + width)

    def last_entry(self, entry, event):
        """Goes on until the call that an event is about has been recorded. Returns where its thread
        was at the function's entry for the last time before that; None if that was not seen."""
        found, stop = None, 'Z1,%x,4' % entry
        self.watch()
        self.stub.must(stop)
        while self.rings.newest(event.cpu) < event.time:
            cpu = self.run_at_most(SMALL)
            # If it is recorded by now, this entry is one of a later call.
            if self.pc(cpu) != entry or self.rings.newest(event.cpu) >= event.time:
                continue
            if cpu == event.cpu and self.rings.is_context(cpu, event):
                found = self.at
            # The breakpoint would be met again before anything has been executed.
            self.stub.must('z' + stop[1:])
            self.run_to(self.at + 1)
            self.stub.must(stop)
        self.stub.must('z' + stop[1:])
        self.leave()
        return found


class Finder:
    """Finds events. `make` makes a machine that repeats the run."""

    def __init__(self, image, reader, make):
        self.image, self.reader, self.make = image, reader, make
        self.cpus = sorted(reader.trace.cpus)
        self.times = {cpu: [] for cpu in self.cpus}
        for event in reader:
            self.times[event.cpu].append(event.time)
        for times in self.times.values():
            if any(a >= b for a, b in zip(times, times[1:])):
                raise NotFound('the times of this trace are not all different: choose trace_clock '
                               'local (it is %s)' % reader.trace.clock_name)
        self.steps = [(0, {cpu: 0 for cpu in self.cpus})]

    def entry(self, event):
        """Returns the address of the function whose call an event is; None if it is none's."""
        if self.reader.function(event) is None:
            return None
        name = 'ip' if self.reader.format(event).name == 'function' else 'func'
        return self.reader.symbols.start(self.reader.get(event, name))

    def find_steps(self, last):
        """Goes through the run in wide steps, until all events up to the time `last` are there."""
        at, known = self.steps[-1]
        if all(known[cpu] >= min(last, self.times[cpu][-1]) for cpu in self.cpus
               if self.times[cpu]):
            return
        width = max(self.reader_end() // STEPS, 1000)
        with Walk(self.image, self.make) as walk:
            walk.run_to(at)
            try:
                while any(self.times[cpu] and known[cpu] < min(last, self.times[cpu][-1])
                          for cpu in self.cpus):
                    walk.run_to(walk.at + width)
                    known = {cpu: walk.rings.newest(cpu) for cpu in self.cpus}
                    self.steps.append((walk.at, known))
            except replay.Ended:
                # The events of the last step are looked for from the step before on.
                pass

    def reader_end(self):
        return max((times[-1] for times in self.times.values() if times), default=0)

    def find(self, events):
        """Returns a list of the Places of these events, in their order."""
        self.find_steps(max(event.time for event in events))
        order = sorted(range(len(events)), key=lambda i: events[i].time)
        found, walk = {}, None
        try:
            for i in order:
                event = events[i]
                if walk is None or walk.rings.newest(event.cpu) >= event.time:
                    walk = self.begin(walk, event)
                walk.run_to(self.step_before(event))
                found[i] = self.find_near(walk, event)
                if found[i] is None:
                    # Its entry was passed on the way to the event in front of it, or a wide step
                    # ended between its entry and its event.
                    walk = self.begin(walk, event, 1)
                    found[i] = self.find_near(walk, event)
                if found[i] is None:
                    raise NotFound('the call was recorded, but its entry was not seen')
        except replay.Ended as why:
            raise NotFound('the run ended before this line was recorded (%s)' % why) from None
        finally:
            if walk:
                walk.close()
        return [found[i] for i in range(len(events))]

    def begin(self, walk, event, earlier=0):
        """Returns a new machine in place of `walk`, at the last step before an event, or some
        steps earlier."""
        if walk:
            walk.close()
        walk = Walk(self.image, self.make)
        walk.run_to(self.step_before(event, earlier))
        return walk

    def step_before(self, event, earlier=0):
        """Returns where the last step before an event ended, or some steps earlier."""
        before = [at for at, known in self.steps if at == 0 or known[event.cpu] < event.time]
        return before[max(len(before) - 1 - earlier, 0)]

    def to_come(self, rings, event):
        """Returns how many events of its CPU come before this one."""
        times = self.times[event.cpu]
        return bisect.bisect_left(times, event.time) - bisect.bisect_right(
            times, rings.newest(event.cpu))

    def find_near(self, walk, event):
        """Goes on until an event has been recorded, and returns its Place; None if it is a call
        whose entry was not on the way."""
        while (left := self.to_come(walk.rings, event)) > NEAR:
            walk.run_to(walk.at + left * EVENT_COST)
        entry = self.entry(event)
        if entry is not None:
            at = walk.last_entry(entry, event)
            return Place(at, event.cpu, True) if at is not None else None
        for width in SMALLER:
            if width != SMALL:
                walk.again(before)
            walk.small_steps(event, width)
            before = walk.at - width
        return Place(walk.at, event.cpu, False)
