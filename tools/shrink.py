# SPDX-License-Identifier: MIT
"""Finds how little of what ran before a failure is needed to make the failure happen again."""
import time


def shrink(items, fails, seconds):
    """Returns the fewest of these items, in their order, for which fails(items) is still true: an
    empty list if it is true without any item, None if it is not true with all of them. It leaves
    out halves first, and single items last. If the time runs out, it returns the best so far."""
    end = time.monotonic() + seconds
    if fails([]):
        return []
    if not fails(items):
        return None
    items, chunk = list(items), len(items) // 2
    while chunk:
        at = 0
        while at < len(items) and time.monotonic() < end:
            fewer = items[:at] + items[at + chunk:]
            if len(fewer) < len(items) and fewer and fails(fewer):
                items = fewer
            else:
                at += chunk
        chunk //= 2
    return items
