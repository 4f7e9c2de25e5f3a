# SPDX-License-Identifier: MIT
"""Drives QEMU while it repeats a run: to a number of instructions, or to a breakpoint. Two ways
lead into it: the monitor, which knows of instructions, and the stub for gdb, which knows of
addresses."""
import json
import os
import select
import socket
import subprocess
import time

import postmortem

SECONDS = 120			# after which a machine that does not stop has failed
STUB = 'gdb'			# a socket in the machine's own folder
# Number of the register and size of one, in the stub's answer to `g`.
PC = {'i386': (8, 4), 'arm64': (32, 8)}
ARGUMENTS = {'i386': (0, 2, 1), 'arm64': tuple(range(8))}


class Ended(Exception):
    """The machine has come to the end of its run."""


class Monitor:
    """QEMU's monitor. Unlike postmortem.ask() it keeps what QEMU tells of its own accord."""

    def __init__(self, end):
        self.end, self.text, self.events = end, b'', []

    def _next(self, until):
        while b'\n' not in self.text:
            left = until - time.monotonic()
            if left < 0 or not select.select([self.end], [], [], left)[0]:
                raise Ended('QEMU does not answer')
            piece = self.end.recv(65536)
            if not piece:
                raise Ended('QEMU has ended')
            self.text += piece
        line, _, self.text = self.text.partition(b'\n')
        return json.loads(line)

    def ask(self, command, **arguments):
        try:
            self.end.sendall(json.dumps({'execute': command, 'arguments': arguments,
                                         'id': command}).encode() + b'\n')
        except OSError:
            raise Ended('QEMU has ended') from None
        until = time.monotonic() + SECONDS
        while True:
            answer = self._next(until)
            if 'event' in answer:
                self.events.append(answer['event'])
            elif answer.get('id') == command:
                if 'error' in answer:
                    raise Ended('%s: %s' % (command, answer['error']['desc']))
                return answer['return']

    def wait(self, event):
        until = time.monotonic() + SECONDS
        while event not in self.events:
            answer = self._next(until)
            if 'event' in answer:
                self.events.append(answer['event'])
        self.events.clear()


class Stub:
    """A client of QEMU's stub for gdb."""

    def __init__(self, path):
        self.end = socket.socket(socket.AF_UNIX)
        self.end.settimeout(SECONDS)
        self.end.connect(path)
        self.text = b''

    def _packet(self):
        while True:
            start, hash_ = self.text.find(b'$'), self.text.find(b'#')
            if 0 <= start < hash_ and len(self.text) >= hash_ + 3:
                packet, self.text = self.text[start + 1:hash_], self.text[hash_ + 3:]
                self.end.sendall(b'+')
                return packet.decode()
            try:
                piece = self.end.recv(65536)
            except TimeoutError:
                piece = b''
            if not piece:
                raise Ended('QEMU has ended')
            self.text += piece

    def send(self, words):
        data = words.encode()
        self.end.sendall(b'$%s#%02x' % (data, sum(data) & 255))

    def ask(self, words):
        self.send(words)
        return self._packet()

    def must(self, words):
        answer = self.ask(words)
        if answer != 'OK':
            raise Ended('the stub for gdb answers %s with "%s"' % (words, answer))

    def resume(self):
        """Lets the machine go on until it stops. Returns the number of the CPU that has stopped."""
        self.send('c')
        while True:
            packet = self._packet()
            if packet.startswith('W'):
                raise Ended('QEMU has ended')
            if packet.startswith('T'):
                said = dict(part.split(':') for part in packet[3:].split(';') if ':' in part)
                return int(said.get('thread', 'p1.1').split('.')[-1], 16) - 1

    def close(self):
        self.end.close()


class Replay:
    """A machine that repeats a run. It is stopped, at first at the beginning."""

    def __init__(self, machine):
        self.machine, self.stub = machine, None
        machine.extra = ['-S', '-gdb', 'unix:%s,server=on,wait=off' % STUB]
        self.process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        self.monitor = Monitor(machine.monitor)
        self.at = 0

    @property
    def path(self):
        return os.path.join(self.machine.dir, STUB)

    def position(self):
        """Returns how many instructions have been executed."""
        self.at = self.monitor.ask('query-replay')['icount']
        return self.at

    def run_to(self, icount):
        """Goes on until so many instructions have been executed."""
        if icount <= self.at:
            return
        self.monitor.ask('replay-break', icount=icount)
        if self.stub:
            self.stub.resume()
        else:
            self.monitor.events.clear()
            self.monitor.ask('cont')
            self.monitor.wait('STOP')
        if self.position() != icount:
            raise Ended('it stopped after %d instructions instead of %d' % (self.at, icount))

    def run_at_most(self, count):
        """Goes on until a breakpoint is met, but for at most so many instructions. Returns the CPU
        that has stopped. Only between watch() and leave()."""
        before = self.at
        self.monitor.ask('replay-break', icount=before + count)
        cpu = self.stub.resume()
        if self.position() < before + count:
            self.monitor.ask('replay-delete-break')
        return cpu

    def watch(self):
        """Connects to the stub, through which the machine is driven from now on."""
        if not self.stub:
            self.stub = Stub(self.path)

    def leave(self):
        if self.stub:
            self.stub.close()
            self.stub = None

    def registers(self, cpu):
        """Returns all that the stub tells of a CPU's registers, as bytes."""
        self.stub.must('Hg%x' % (cpu + 1))
        return bytes.fromhex(self.stub.ask('g').replace('x', '0'))

    def arguments(self, cpu):
        """Returns the registers in which arguments are passed."""
        size, data = PC[self.machine.arch][1], self.registers(cpu)
        return [int.from_bytes(data[i * size:(i + 1) * size], 'little')
                for i in ARGUMENTS[self.machine.arch]]

    def pc(self, cpu):
        number, size = PC[self.machine.arch]
        return int.from_bytes(self.registers(cpu)[number * size:(number + 1) * size], 'little')

    def memory(self):
        return self.machine.memory()

    def close(self):
        self.leave()
        self.process.kill()
        self.process.wait()
        self.machine.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
