# SPDX-License-Identifier: MIT
"""Writes a trace in the format that the name of the file asks for, and reads one back."""
import os
import tempfile
from traces import tracectf, tracedat, tracedraw, traceevents, tracetext


# By the end of the file's name: what makes the text.
TEXTS = {
    '.txt': lambda reader: ''.join(tracetext.lines(reader)),
    '.speedscope.json': tracedraw.speedscope,
    '.json': tracedraw.chrome,
    '.folded': tracedraw.folded,
    '.svg': tracedraw.flame,
}
ENDS = ('.dat', *TEXTS, '.ctf')


def kind_of(path):
    """Returns the end of a file's name that says what is in it; None if there is none."""
    return next((end for end in ENDS if path.endswith(end)), None)


def write(reader, path):
    """Writes a trace to a file, or for CTF to a folder. The file appears complete or not at all.
    Raises tracedraw.Refused if it cannot be shown like that."""
    kind = kind_of(path)
    if kind == '.ctf':
        tracectf.write(reader, path)
        return
    text = None if kind == '.dat' else TEXTS[kind](reader)
    # A device is written to as it is; nothing can take its place.
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, 'w' if text is not None else 'wb') as file:
            file.write(text) if text is not None else tracedat.write(reader.trace, file)
        return
    folder = os.path.dirname(path) or '.'
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        try:
            if text is None:
                tracedat.write(reader.trace, file)
            else:
                file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.rename(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def read(path):
    """Returns a reader of the trace.dat at a path."""
    with open(path, 'rb') as file:
        data = file.read()
    return traceevents.Reader(tracedat.read(data))
