# SPDX-License-Identifier: MIT
"""Drives ./run as a person would: a console in a pseudo-terminal, or one command that runs to its
end."""
import os
import re
import subprocess
import sys

import pexpect

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

RUN = os.path.join(ROOT, 'run')
# The prompt, at the end of the text so far: a new line with the working directory, and the cursor
# after it. (The line editor also redraws prompts, but goes back to their beginning by a carriage
# return.)
PROMPT = re.compile(r'(?:^|(?<=\n))(?:\x1b\[[0-9;?]*[A-Za-z])*(/[^\s#]*) # '
                    r'(?:\x1b\[[0-9;?]*[A-Za-z])*$')
# How much of the end of the text is searched for the prompt. Searching all of it whenever more
# comes takes minutes for a megabyte.
PROMPT_ROOM = 1000
ESCAPE = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[A-Za-z]|[\x07\x08]')


class Console:
    """An interactive Patchbay, from `./run ARCH` to power-off."""

    def __init__(self, arch, build, *options, timeout=60, log=None):
        self.start(arch, build, *options, timeout=timeout, log=log)
        self.prompt()

    def start(self, arch, build, *options, timeout=60, log=None):
        self.child = pexpect.spawn(RUN, [arch, '--build', build, *options], cwd=ROOT,
                                   timeout=timeout, encoding='utf-8', codec_errors='replace',
                                   dimensions=(50, 132), echo=False)
        self.child.delaybeforesend = None
        self.child.logfile_read = log
        self.directory = '/'

    def prompt(self, timeout=-1):
        """Waits for the prompt. Returns what came before it, without terminal control."""
        self.child.expect(PROMPT, timeout=timeout, searchwindowsize=PROMPT_ROOM)
        self.directory = self.child.match[1]
        return ESCAPE.sub('', self.child.before).replace('\r\n', '\n').replace('\r', '')

    def type(self, keys):
        """Sends keys as they are and waits for nothing."""
        self.child.send(keys)

    def command(self, line, timeout=-1):
        """Sends one line and Enter. Returns what it printed. The editor's own echo ends with its
        newline."""
        self.child.send(line + '\r')
        _, _, output = self.prompt(timeout).partition('\n')
        return output

    def close(self):
        """Powers off as a person would. Returns the exit status of ./run, or None if it hangs."""
        self.child.send('poweroff\r')
        return self.ended()

    def ended(self, timeout=20):
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
            self.child.close()
        except pexpect.TIMEOUT:
            self.child.close(force=True)
            return None
        return self.child.exitstatus

    def kill(self):
        self.child.close(force=True)


def run(arch, build, script, *options, timeout=120, stdin=subprocess.DEVNULL):
    """Runs `./run ARCH -c SCRIPT`. Returns (exit status, stdout, stderr)."""
    done = subprocess.run([RUN, arch, '--build', build, '-c', script, *options], cwd=ROOT,
                          stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout)
    return (done.returncode, done.stdout.decode(errors='replace'),
            done.stderr.decode(errors='replace'))


def once(test):
    """Marks a case that is about ./run alone, for which any machine will do."""
    test.once = True
    return test


def cases(tap, tests, *args):
    """Runs functions as TAP cases. A case has its function's name; what the function raises is its
    problem. What is about ./run alone runs with one machine; its first argument tells which."""
    for test in tests:
        if hasattr(test, 'once') and args[0] != 'i386':
            continue
        problems = []
        try:
            test(*args)
        except AssertionError as error:
            problems.append(str(error) or 'assertion in ' + test.__name__)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            problems.append('%s: %s' % (type(error).__name__, str(error)[:3000]))
        except subprocess.TimeoutExpired as error:
            problems.append('no end within %g s: %s' % (error.timeout, error.cmd))
        tap.case(test.__name__.replace('_', ' '), problems)


def expect(condition, *told):
    """Raises an error that tells what was seen, unless the condition is true."""
    if not condition:
        raise AssertionError('\n'.join(str(t) for t in told))
