#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the models beside this file with spin: as they are they must hold in every interleaving,
and with a planted error an assertion must fail. usage: spin.py SOURCE-ROOT"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(sys.argv[1], 'tools'))
import tap

# For each case: the model, what is changed in it, whether it should still hold, and the case's
# name.
CASES = [
    ('int3', '', True, 'two CPUs and the patcher'),
    ('int3', 'NO_SYNC=1', False, 'no synchronisation behind the int3s'),
    ('int3', 'NO_SYNC=2', False, 'no synchronisation behind the tails'),
    ('int3', 'NO_SYNC=3', False, 'no synchronisation behind the first bytes'),
    ('int3', 'TAILS_FIRST', False, 'tails before int3s'),
    ('int3', 'HANDLER_LATE', False, 'int3s before the handler knows'),
    ('int3', 'HANDLER_GONE_EARLY', False, 'changes gone before the first bytes'),
    ('int3', 'HANDLER_INTERRUPTED', False, 'handler that takes the IPI'),
    ('int3', 'NO_SYNC1_BACK', False, 'no synchronisation behind the int3s on the way back'),
    ('int3', 'EMULATES_OLD', True, 'handler that does the old instruction: harmless'),
    ('int3', 'NO_SYNC_AFTER_FAILURE', True, 'no synchronisation behind a failed round: harmless'),
    ('missed', '', True, 'two CPUs that miss writes, and the patcher'),
    ('missed', 'CHANGES_GONE_LATE', False, 'changes gone behind the last synchronisation'),
    ('missed', 'WRITES_ONCE', False, 'nothing is written a second time'),
    ('missed', 'HANDLER_LOOKS_ONCE', False, 'handler that does not look at the changes again'),
    ('missed', 'NO_LOOK_AT_SITE', False, 'handler that does not look at the site'),
    ('insn', '', True, 'two CPUs and the patcher'),
    ('insn', 'NO_CLEAN', False, 'data cache not cleaned'),
    ('insn', 'NO_INVALIDATE', False, 'instruction caches not invalidated'),
    ('insn', 'NO_ISB', False, 'no ISB on the CPUs'),
    ('insn', 'NO_INVALIDATE ISB_BEFORE_INVALIDATE', False, 'ISBs before the invalidation'),
    ('reclaim', '', True, 'stubs'),
    ('reclaim', 'NO_WAIT', False, 'owner freed without waiting'),
    ('reclaim', 'ONLY_RETURN_ADDRESS', False, 'looks for return addresses in trampolines only'),
    ('reclaim', 'NOT_SEEN_IS_OUTSIDE', False, 'takes a thread that was not seen to be outside'),
    ('reclaim', 'NOT_SEEN_ENDS_THE_WALK', False, 'a thread that was not seen ends the walk'),
    ('reclaim', 'SLEEP_IS_PROOF', False, 'takes sleep to be a proof'),
    ('reclaim', 'WAIT_BEFORE_SWITCH', False, 'waits before the site is switched'),
    ('reclaim', 'FREE_MENTIONED', False, 'frees a set that a stack mentions'),
    ('reclaim', 'CLEAR_FOR_EVER', False, 'does not look at a thread that has run since'),
    ('reclaim', 'CLEAR_BY_MENTIONS', False, 'takes a thread without a mention to be clear'),
    ('reclaim', 'LITERAL', True, 'literals'),
    ('reclaim', 'LITERAL CLEAR_FOR_EVER', False,
     'literals, does not look at a thread that has run since'),
    ('reclaim', 'LITERAL NO_WAIT', False, 'literals, owner freed without waiting'),
    ('reclaim', 'LITERAL FREE_MENTIONED', False, 'literals, frees a set that a stack mentions'),
    ('reclaim', 'LITERAL NOT_SEEN_ENDS_THE_WALK', False,
     'literals, a thread that was not seen ends the walk'),
    ('reclaim', 'LITERAL NO_WAIT_FOR_TRAMPOLINE', False,
     'literals, SAVE_REGS before the plain trampoline is left'),
    ('masks', '', True, 'two threads, interrupts and NMIs'),
    ('masks', 'MASK_FIRST', False, 'the priority mask is opened before DAIF.I is set'),
    ('masks', 'NO_DAIF_SET', False, 'DAIF.I is clear in the last instructions'),
    ('masks', 'NMI_LEAVES_MASK', False, 'an NMI leaves the priority mask closed'),
    ('masks', 'NO_MAY_SWITCH', False, 'a switch with DAIF.I set'),
    ('masks', 'SAVES_BY_DAIF', False, 'a thread masks by DAIF.I'),
    ('ring', '', True, 'a writer, interrupts that write, and a reader'),
    ('ring', 'COPIES_LATE', False, 'the reader copies after it has moved head'),
    ('ring', 'HEAD_IN_TWO_STEPS', False, 'the reader compares head and stores it in two steps'),
    ('ring', 'RESERVES_FIRST', False, 'the sub-buffer is written before head has left it'),
    ('ring', 'OVERWRITES_OPEN', False, 'nested writers go around to the open event'),
    ('ring', 'COMMITS_EARLY', False, 'published before it is written'),
    ('ring', 'NESTED_COMMITS', False, 'a nested writer publishes'),
    ('ring', 'NESTED_NOT_TOLD', False, 'a nested writer leaves no word'),
    ('ring', 'NESTED_READ_FIRST', False, 'the word is read before the outermost writer has left'),
    ('ring', 'TAIL_BEFORE_NESTED', False, 'tail is read before the word is cleared'),
    ('sequence', '', True, 'a thread, an interrupt and an NMI, and a CPU that stops them'),
    ('sequence', 'GOES_ON', False, 'the sequence goes on where it was interrupted'),
    ('sequence', 'LIMIT_STAYS', False, 'it is closed while it may still write'),
    ('sequence', 'NO_EXCHANGE', False, 'it is closed without an exchange'),
    ('sequence', 'NOT_COUNTED', False, 'its events are not counted'),
    ('sequence', 'OPENS_ALWAYS', False, 'it is opened although an interrupt has written'),
    ('order', 'PLACE=LITERAL', True, 'a literal leads to a set'),
    ('order', 'PLACE=LITERAL NO_RELEASE', False, 'the literal may come before the set'),
    ('order', 'PLACE=LITERAL NO_DEPENDENCY', False, 'the set is not found by the literal alone'),
    ('order', 'PLACE=COMMIT', True, 'commit moves over an event'),
    ('order', 'PLACE=COMMIT NO_RELEASE', False, 'commit may come before the event'),
    ('order', 'PLACE=COMMIT NO_ACQUIRE', False, 'the event may be read before commit'),
    ('order', 'PLACE=COPY', True, 'a copy of a sub-buffer that is overwritten'),
    ('order', 'PLACE=COPY NO_BARRIER', False, 'events may come before the number goes'),
    ('order', 'PLACE=COPY NO_RELEASE', False, 'the new number may come before the events'),
    ('order', 'PLACE=COPY NO_ACQUIRE', False, 'copied before the number is read'),
    ('order', 'PLACE=COPY NO_FENCE', False, 'the number may be read before all is copied'),
    ('order', 'PLACE=HEAD', True, 'the count before head, while head moves'),
    ('order', 'PLACE=HEAD NO_BARRIER', False, 'the next count may come before head moves'),
    ('order', 'PLACE=HEAD NO_ACQUIRE', True, 'the count read before head, too: harmless'),
    ('order', 'PLACE=HEAD NO_FENCE', False, 'head may be read before the count'),
    ('order', 'PLACE=WAKE', True, 'a thread sleeps, and is woken'),
    ('order', 'PLACE=WAKE NO_BARRIER', False, 'the state may be read before the condition is set'),
    ('order', 'PLACE=WAKE NO_FENCE', False, 'the condition may be read before the state is set'),
]
# Models with more than a million states.
LARGE = ('ring', 'sequence')


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=240)
    if done.returncode:
        raise RuntimeError('%s failed:\n%s' % (command[0], done.stdout))
    return done.stdout


def search(model, changes, holds):
    """Returns what spin's verifier prints for the model with these changes. Most verifiers run for
    less time than GCC would need to compile them, and need no large table of states."""
    source = os.path.join(sys.argv[1], 'tests/host/spin', model + '.pml')
    with tempfile.TemporaryDirectory() as folder:
        run(['spin', '-a'] + ['-D' + change for change in changes.split()] + [source], folder)
        large = holds and model in LARGE
        compiler = ['cc', '-O1'] if large else ['tcc']
        run(compiler + ['-w', '-DSAFETY', '-o', 'pan', 'pan.c'], folder)
        return run(['./pan', '-m100000'] + ([] if large else ['-w18']), folder)


def judge(case):
    """Returns the problems of a case, and a note: how many states the verifier saw, and what
    failed."""
    model, changes, holds, _ = case
    try:
        text = search(model, changes, holds)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return [str(error)], ''
    errors = re.search(r'errors: (\d+)', text)
    states = re.search(r'(\d+) states, stored', text)
    failed = re.search(r'assertion violated (.*) \(at depth', text)
    if not errors or not states or 'max search depth too small' in text:
        return ['not a whole search:\n' + text], ''
    note = states.group(1) + ' states'
    if holds:
        whole = 'Search not completed' not in text and errors.group(1) == '0'
        return [] if whole else ['it does not hold:\n' + text], note
    if not failed:
        return ['not caught:\n' + text], note
    return [], '%s, then not: %s' % (note, failed.group(1))


def main():
    out = tap.Tap()
    missing = [tool for tool in ('spin', 'cc', 'tcc') if not shutil.which(tool)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = ([], '') if missing else pool.map(judge, CASES)
        for case, (problems, note) in zip(CASES, [results] * len(CASES) if missing else results):
            out.case('%s: %s' % (case[0], case[3]), problems,
                     skip='no ' + ' and '.join(missing) if missing else None)
            if note:
                out.note(note)
    return out.done()


sys.exit(main())
