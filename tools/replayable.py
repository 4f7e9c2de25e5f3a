# SPDX-License-Identifier: MIT
"""A folder from which the run of a machine can be repeated, instruction for instruction: ./run
--replayable DIR keeps it, and ./run --goto WHERE DIR goes to any place of it. It has

    about.json    how the machine was made
    boot/         the kernel and the module that it was booted with
    image.elf     the kernel with its symbols
    replay.bin    QEMU's log of all that came from outside
    start.qcow2   a disk that no guest sees, in which QEMU keeps the state at the beginning
    trace.dat     the trace in memory at the end, and trace.txt the same as text"""
import json
import os
import shutil
import struct

import guest
import program
import qemu
from traces import tracewrite

ABOUT, LOG, START, BOOT = 'about.json', 'replay.bin', 'start.qcow2', 'boot'
FILES = [ABOUT, BOOT, 'image.elf', LOG, START, 'trace.dat', 'trace.txt']
CLUSTER = 65536			# of the disk for QEMU's states
DISK_SIZE = 1 << 20
FORMAT = 'replayable 1'


def empty_disk():
    """Returns an empty disk in the format qcow2 (version 2): header, a table of reference counts
    with one block, and the table for its content."""
    disk = bytearray(4 * CLUSTER)
    struct.pack_into('>4sIQIIQIIQQIIQ', disk, 0, b'QFI\xfb', 2, 0, 0, 16, DISK_SIZE, 0, 1,
                     3 * CLUSTER, CLUSTER, 1, 0, 0)
    struct.pack_into('>Q', disk, CLUSTER, 2 * CLUSTER)
    struct.pack_into('>4H', disk, 2 * CLUSTER, 1, 1, 1, 1)
    return disk


class Log:
    """What QEMU needs to record a run into a folder, or to repeat the one that is there."""

    def __init__(self, folder, mode='record'):
        self.folder, self.mode = os.path.abspath(folder), mode

    def path(self, name):
        return os.path.join(self.folder, name)

    def options(self, place):
        """Returns QEMU's options. `place` is a folder of the machine's own."""
        disk = os.path.join(place, START)
        if self.mode == 'record':
            with open(self.path(START), 'wb') as file:
                file.write(empty_disk())
            disk = self.path(START)
        else:
            # QEMU may add states to it while the guest is looked at.
            shutil.copyfile(self.path(START), disk)

        def escaped(path):
            return path.replace(',', ',,')
        return ['-icount', 'rr=%s,rrsnapshot=start,rrfile=%s' % (self.mode,
                                                                  escaped(self.path(LOG))),
                '-drive', 'if=none,id=states,cache=unsafe,file=' + escaped(disk)]

    def is_complete(self):
        """Tells whether QEMU has ended its log: then it writes the version at the beginning."""
        with open(self.path(LOG), 'rb') as file:
            return any(file.read(4))


def begin(folder):
    """Makes an empty folder for a recording and returns the Log. Refuses a folder that has other
    files in it."""
    program.check_folder('--replayable', folder, FILES)
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    return Log(folder)


def keep(machine, made, image, reader):
    """Completes the folder once the machine has ended. `made` are the arguments of qemu.Machine,
    `reader` has the trace. The file that makes the folder one is written last."""
    log = machine.log
    if not log.is_complete():
        raise program.Failure('--replayable %s: QEMU did not come to end its log' % log.folder)
    os.mkdir(log.path(BOOT))
    for name in machine.boot_files:
        shutil.copyfile(os.path.join(machine.dir, name), log.path(os.path.join(BOOT, name)))
    with open(log.path('image.elf'), 'wb') as file:
        file.write(guest.load(image).data)
    for name in 'trace.dat', 'trace.txt':
        tracewrite.write(reader, log.path(name))
    with open(log.path(ABOUT), 'w') as file:
        json.dump({'format': FORMAT, 'boot': machine.boot_files, **made}, file, indent=1)
        file.write('\n')


def load(folder):
    """Returns (image with symbols, reader of the trace, function that makes the machine)."""
    log = Log(folder, 'replay')
    try:
        with open(log.path(ABOUT)) as file:
            about = json.load(file)
        if about.pop('format') != FORMAT:
            raise KeyError
        kernel, *module = [log.path(os.path.join(BOOT, name)) for name in about.pop('boot')]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise program.Failure('%s: is not what ./run --replayable writes' % folder) from None

    def machine():
        return qemu.Machine(image=kernel, module=module[0] if module else None, log=log, **about)
    return log.path('image.elf'), tracewrite.read(log.path('trace.dat')), machine
