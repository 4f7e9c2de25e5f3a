# SPDX-License-Identifier: MIT
"""What every tool here has in common: a message instead of a traceback if the operating system
refuses something, the usage for wrong arguments, and standard streams that may be closed."""
import os
import sys

BROKEN_PIPE = 128 + 13		# as a shell tells of a program that SIGPIPE ended


class Failure(Exception):
    """Describes an exception in words for the user."""


def describe(error):
    """Describes an OSError in one line."""
    name = "''" if error.filename == '' else error.filename
    return ': '.join(str(part) for part in (name, error.strerror or error) if part)


def check_folder(option, folder, files):
    """Refuses, in the words of an option, to fill a folder that has other files than these in it.
    It may be absent."""
    if not os.path.lexists(folder):
        return
    if not os.path.isdir(folder):
        raise Failure('%s %s: exists and is no directory' % (option, folder))
    others = sorted(set(os.listdir(folder)) - set(files))
    if others:
        raise Failure('%s %s: something else is in it: %s' % (option, folder, others[0]))


def complain(name, words):
    """Prints a message on stderr. If stderr is broken, there is nobody to tell."""
    try:
        print('%s: %s' % (name, words), file=sys.stderr, flush=True)
    except OSError:
        drop(2)
    return 1


def drop(number):
    """Discards what is written to this standard stream from now on."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)


def restore_streams():
    """Opens something in place of closed standard streams, so that no file that is opened later
    takes their numbers. As in every program, it is an error to write to a closed output; messages
    are dropped."""
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)		# takes the lowest number that is free: this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = open(1, 'w', closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, 'w', closefd=False)


def flush_output(name, status):
    """Returns the exit status once all output has been written, or has failed to be."""
    try:
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        failed = BROKEN_PIPE
    except OSError as error:
        failed = complain(name, 'standard output: ' + describe(error))
    drop(1)
    return status or failed


def run(name, function, *args):
    """Ends this program with the status that function(*args) returns, or prints why it has none."""
    restore_streams()
    try:
        status = function(*args) or 0
    except SystemExit as ended:
        status = ended.code or 0
        if not isinstance(status, int):
            status = complain(name, status)
    except Failure as error:
        status = complain(name, error)
    except BrokenPipeError:
        status = BROKEN_PIPE
    except OSError as error:
        status = complain(name, describe(error))
    except KeyboardInterrupt:
        status = 130
    sys.exit(flush_output(name, status))


def usage(doc):
    """Ends this program because of wrong arguments, and prints the part of its documentation that
    describes them."""
    print(doc[doc.index('usage:'):].rstrip(), file=sys.stderr)
    sys.exit(2)


def arguments(doc, least, most=None):
    """Returns the words of the command line if there are as many as there should be. None: as many
    as `least`; -1: any number."""
    words = sys.argv[1:]
    most = least if most is None else most
    if any(word in ('-h', '--help') for word in words[:1]):
        print(doc.rstrip())
        sys.exit(0)
    if len(words) < least or 0 <= most < len(words):
        usage(doc)
    return words
