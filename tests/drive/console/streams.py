#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run between other programs: commands that are piped into it, and output that is slow, full,
closed or no longer read. Prints TAP.

usage: streams.py ARCH BUILD_DIRECTORY"""
import os
import subprocess
import sys
import tempfile
import time

from console import ROOT, RUN, Console, cases, expect, once, run
from tap import Tap


def sh(arch, build, line, timeout=100):
    """Runs a line of shell, in which RUN is ./run for this image. Returns (status, stdout, stderr).
    """
    line = line.replace('RUN', '%s %s --build %s' % (RUN, arch, build))
    done = subprocess.run(['bash', '-o', 'pipefail', '-c', line], cwd=ROOT, timeout=timeout,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = (text.decode(errors='replace') for text in (done.stdout, done.stderr))
    expect('Traceback' not in err and 'Exception' not in err, line, err)
    return done.returncode, out, err


def told(err):
    """Returns what ./run itself printed: stderr without the kernel's log."""
    return [line for line in err.split('\n') if line and not line.startswith('[')]


@once
def piped_commands_run_and_end(arch, build):
    status, out, err = sh(arch, build, "printf 'echo hi\\necho two; echo three' | RUN")
    expect((status, out, told(err)) == (0, 'hi\ntwo\nthree\n', []), status, out, err)
    status, out, err = sh(arch, build, 'RUN < /dev/null')
    expect((status, out, told(err)) == (0, '', []), status, out, err)


@once
def piped_lines_that_belong_together(arch, build):
    script = 'echo "a\nb"; echo c\necho d |\n\n cat\necho e\\\nf\n# it\'s\necho g\necho \'h\ni'
    with tempfile.NamedTemporaryFile('w') as file:
        file.write(script)
        file.flush()
        status, out, _ = sh(arch, build, 'RUN < ' + file.name)
    expect(status == 2 and out == 'a\nb\nc\nd\nef\ng\nsh: line 10: unterminated quote \'\n',
           status, out)


@once
def piped_status_is_the_first_failure(arch, build):
    for end in '', 'poweroff\n echo not reached\n':
        status, out, _ = sh(arch, build, "printf 'cat /nonesuch\\necho on\\n%s' | RUN"
                            % end.replace('\n', '\\n'))
        expect(status == 1 and out.endswith('on\n'), end, status, out)


def piped_bytes_arrive_as_they_are(arch, build):
    script = b'echo \'\x03\x04\x16\x16\x04\x11\x13\xff\r\' | hexdump\n'
    with tempfile.NamedTemporaryFile() as file:
        file.write(script)
        file.flush()
        status, out, _ = sh(arch, build, 'RUN < ' + file.name)
        expect(status == 0 and ' 03 04 16 16 04 11 13 ff  0d 0a' in out, status, out)
        file.write(b'echo a\0b\n')
        file.flush()
        status, out, err = sh(arch, build, 'RUN < ' + file.name)
        expect(status == 1 and 'contains a NUL byte' in err, status, out, err)


def piped_text_is_not_lost_while_a_command_runs(arch, build):
    """Passes more than any buffer on the way holds."""
    status, out, err = sh(arch, build,
                          "(echo sleep 2; printf 'echo 0123456789\\n%.0s' {1..10000}) | "
                          "RUN | sort | uniq -c")
    expect(status == 0 and out.split() == ['10000', '0123456789'], status, out, err)


@once
def a_program_that_waits_for_each_answer(arch, build):
    process = subprocess.Popen([RUN, arch, '--build', build], cwd=ROOT, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for word in 'one', 'two', 'three':
            process.stdin.write('echo %s\n' % word)
            process.stdin.flush()
            line = process.stdout.readline()
            expect(line == word + '\n', word, line)
        process.stdin.close()
        expect(process.wait(30) == 0, process.returncode)
    finally:
        process.kill()
        process.wait()


def keys_typed_before_the_prompt(arch, build):
    console = Console.__new__(Console)
    Console.start(console, arch, build, timeout=60)
    console.type('echo typed_early\r')
    text = console.prompt()
    while '\ntyped_early\n' not in text:
        text += console.prompt()
    expect(console.close() == 0, 'no end')


@once
def script_files(arch, build):
    with tempfile.NamedTemporaryFile('w') as file:
        # The script is longer than any command line.
        file.write(''.join('echo line %d\n' % i for i in range(4000)))
        file.flush()
        for words in '--script %s' % file.name, '--script - < %s' % file.name:
            status, out, err = sh(arch, build, 'RUN %s' % words)
            expect(status == 0 and out.count('\n') == 4000, words, status, out[-300:], err[-300:])
    for name, word in {'/nonesuch': '/nonesuch: No such file', '/tmp': '/tmp: Is a directory',
                       "''": "'': No such file",
                       '- 0> /dev/null': 'standard input: Bad file descriptor'}.items():
        status, out, err = sh(arch, build, 'RUN --script ' + name)
        expect(status == 1 and told(err) and word in told(err)[-1], status, out, err)


@once
def output_that_is_full(arch, build):
    status, out, err = sh(arch, build, "RUN -c 'echo hello' > /dev/full")
    expect((status, told(err)) == (1, ['run: standard output: No space left on device']),
           status, err)
    status, out, _ = sh(arch, build, "RUN -c 'echo hello' 2> /dev/full")
    expect((status, out) == (1, 'hello\n'), status, out)


@once
def output_that_is_closed(arch, build):
    status, _, err = sh(arch, build, "RUN -c 'echo hello' >&-")
    expect((status, told(err)) == (1, ['run: standard output: Bad file descriptor']), status, err)
    status, out, _ = sh(arch, build, "RUN -c 'echo hello' 2>&-")
    expect((status, out) == (0, 'hello\n'), status, out)
    status, out, err = sh(arch, build, "RUN <&- ; RUN -c 'echo hello' <&-")
    expect((status, out, told(err)) == (0, 'hello\n', []), status, out, err)


@once
def reader_that_goes_ends_the_guest(arch, build):
    """It must end promptly: the guest would go on for a minute."""
    start = time.monotonic()
    status, out, err = sh(arch, build, "RUN -c '%ssleep 50' | head -n 1"
                          % ('cat /proc/kallsyms; sleep 0.5; ' * 9))
    expect(status == 141 and out.count('\n') == 1 and told(err) == [], status, out, err)
    expect(time.monotonic() - start < 30, 'it took %d s' % (time.monotonic() - start))


@once
def slow_reader_is_no_time_out(arch, build):
    status, out, err = sh(arch, build, "RUN --timeout 5 -c '%secho the end' | (sleep 8; tail -n 1)"
                          % ('cat /proc/kallsyms; ' * 9))
    expect((status, out) == (0, 'the end\n'), status, out, err[-500:])


@once
def errors_name_their_line(arch, build):
    status, out, _ = run(arch, build, 'echo one\n\necho "two\nthree\n')
    expect((status, out) == (2, 'one\nsh: line 3: unterminated quote "\n'), status, out)


def main(arch, build):
    tap = Tap()
    cases(tap, [piped_commands_run_and_end, piped_lines_that_belong_together,
                piped_status_is_the_first_failure, piped_bytes_arrive_as_they_are,
                piped_text_is_not_lost_while_a_command_runs, a_program_that_waits_for_each_answer,
                keys_typed_before_the_prompt, script_files, output_that_is_full,
                output_that_is_closed, reader_that_goes_ends_the_guest,
                slow_reader_is_no_time_out, errors_name_their_line], arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
