# SPDX-License-Identifier: MIT
"""Finds how little of what ran before a failure is needed to make it happen again."""
import time


def shrink(items, fails, seconds):
    """The fewest of these items, in their order, with which fails(items) is still true: none, if it
    is true without any; None, if it is not true with all. First halves are left out, last single
    items; when time has run out, what is known by then."""
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
