# SPDX-License-Identifier: MIT
"""Threads that carry bytes between a running QEMU and our own standard streams."""
import os
import re
import select
import threading
import time

CONTROL = re.compile(rb'\x1b\[[0-9;=?]*[A-Za-z]')
LOG_LINE = re.compile(rb'^\[ *\d+\.\d{6}\] ', re.MULTILINE)
SILENCE = 3
LITERAL, END = b'\x16', b'\x04'		# kernel/shell/console.c: as Ctrl-V and Ctrl-D on a terminal


class Copy(threading.Thread):
    """Copies everything from `source` to the file descriptor `target` as it comes; with `text`,
    without the carriage returns before newlines. If that fails, `error` says why, `failed` is
    called, and the rest is read and discarded, so that QEMU never waits. With `after`, a line, only
    what comes after it goes there; the rest, without terminals' control sequences, goes to stderr.
    `begun` is set when that line has come, `heard` when a line of a kernel's log has."""

    def __init__(self, source, target, text=True, failed=lambda: None, after=None):
        super().__init__(daemon=True)
        self.source, self.target, self.text, self.failed = source, target, text, failed
        self.after, self.before = after, b''
        self.begun = threading.Event()
        self.at_start = bool(after)
        self.heard = threading.Event()
        if not after:
            self.begun.set()
        self.error = self.since = None
        self.total = 0.0
        self.start()

    def waited(self):
        """Returns the seconds for which the reader of the target has kept us waiting so far."""
        since = self.since
        return self.total + (time.monotonic() - since if since else 0)

    def run(self):
        held = b''
        while True:
            data = os.read(self.source.fileno(), 65536)
            text = held + data
            if self.text:
                held = b'\r' if data and text.endswith(b'\r') else b''
                text = text[:len(text) - len(held)].replace(b'\r\n', b'\n')
            if not self.heard.is_set() and (not data or LOG_LINE.search(data)):
                self.heard.set()
            if not self.begun.is_set():
                text = self.behind(text, not data)
            if self.at_start:
                # GRUB goes back to the line's start after that line.
                text = text.lstrip(b'\r')
                self.at_start = not text
            if not self.error:
                self.write(memoryview(text))
            if not data:
                self.begun.set()
                return

    def behind(self, text, at_end):
        """Returns what has come behind the line `after`, and passes whole lines before it on."""
        self.before += text
        head, found, rest = self.before.partition(self.after)
        if found:
            self.begun.set()
        elif not at_end:
            head, newline, self.before = self.before.rpartition(b'\n')
            head += newline
        try:
            os.write(2, CONTROL.sub(b'', head))
        except OSError:
            pass
        return rest

    def write(self, view):
        self.since = time.monotonic()
        try:
            while view:
                try:
                    view = view[os.write(self.target, view):]
                except BlockingIOError:
                    # Another process that shares the file has made it non-blocking.
                    select.select([], [self.target], [])
        except OSError as error:
            self.error = error
            self.failed()
        self.total += time.monotonic() - self.since
        self.since = None


class Nobody:
    """Stands in for a Copy where QEMU writes by itself."""
    error = None

    def waited(self):
        return 0


class Feed(threading.Thread):
    """Passes our standard input, to its end, to the console of a guest that runs it as a script.
    The guest takes only as much as it has room for. Firmware before it would take what comes. So
    with `log`, the Copy of the kernel's log, we wait for the first line of that, or, if the kernel
    has been told to be silent, for SILENCE seconds from the event `begun` on. If reading fails,
    `error` says why and `failed` is called."""

    def __init__(self, target, failed, begun, log=None):
        super().__init__(daemon=True)
        self.target, self.failed, self.error = target, failed, None
        self.begun, self.log = begun, log
        self.start()

    def run(self):
        self.begun.wait()
        if self.log:
            self.log.heard.wait(SILENCE)
        try:
            while data := os.read(0, 4096):
                self.send(re.sub(b'[' + LITERAL + END + b']', LITERAL + rb'\g<0>', data))
            self.send(END)
        except BrokenPipeError:
            pass			# the guest has ended and needs no more
        except OSError as error:
            self.error = error
            self.failed()

    def send(self, data):
        self.target.write(data)
        self.target.flush()
