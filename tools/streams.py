# SPDX-License-Identifier: MIT
"""Threads that carry bytes between a running QEMU and our own standard streams."""
import os
import re
import select
import threading
import time

LITERAL, END = b'\x16', b'\x04'		# kernel/shell/console.c: as Ctrl-V and Ctrl-D on a terminal


class Copy(threading.Thread):
    """Copies everything from `source` to the file descriptor `target` as it comes; with `text`,
    without the carriage returns before newlines. If that fails, `error` says why, `failed` is
    called, and the rest is read and discarded, so that QEMU never waits."""

    def __init__(self, source, target, text=True, failed=lambda: None):
        super().__init__(daemon=True)
        self.source, self.target, self.text, self.failed = source, target, text, failed
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
            if not self.error:
                self.write(memoryview(text))
            if not data:
                return

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
    The guest takes only as much as it has room for. If reading fails, `error` says why and `failed`
    is called."""

    def __init__(self, target, failed):
        super().__init__(daemon=True)
        self.target, self.failed, self.error = target, failed, None
        self.start()

    def run(self):
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
