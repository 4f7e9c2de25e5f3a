# SPDX-License-Identifier: MIT
"""The `growth` part of ./bench: modules with many functions for tests/guest/bench/growth.c, and
what its numbers say about how costs grow. A cost that is proportional to n has the exponent 1,
one that does not depend on n has 0."""
import fnmatch
import math
import os
import tempfile

import module

SITES = (1000, 5000, 20000)
GUARDED = SITES[:2]			# the largest module takes a compiler too long for ./check
GROUPS = ('growth_sites', 'growth_names', 'growth_ops', 'growth_threads')

# The table's rows: a case and its description.
CASES = [
    ('insmod', 'insmod of n functions'),
    ('rmmod', 'rmmod of them'),
    ('attach_list', 'attach to a list of n functions'),
    ('detach_list', 'detach from it'),
    ('name', 'write one name, n functions in a module'),
    ('list_file', 'cat available_filter_functions'),
    ('names', 'write n names one by one, 5,000 functions'),
    ('attach_kth', 'attach the n-th ops'),
    ('detach_kth', 'detach one of n ops, each with its set'),
    ('insmod_beside', 'insmod of 5,000 functions, n ops elsewhere'),
    ('rmmod_beside', 'rmmod of them'),
    ('attach_threads', 'attach, n threads, an unused set'),
    ('detach_threads', 'detach one function, n threads'),
    ('detach_all_threads', 'detach all functions, n threads'),
]

SOURCE = """
#include <linux/module.h>
#define F(n) void growth_##n(void); __attribute__((noipa)) void growth_##n(void) { }
%s
static int __init growth_init(void) { return 0; }
static void __exit growth_exit(void) { }
module_init(growth_init);
module_exit(growth_exit);
MODULE_LICENSE("GPL");
"""


def is_asked_for(pattern):
    return any(fnmatch.fnmatch(name, pattern) for name in GROUPS)


def files(build, sites):
    """For the initrd: a module for each of these numbers of functions."""
    made = {}
    with tempfile.TemporaryDirectory(prefix='patchbay-growth-') as folder:
        for number in sites:
            source = os.path.join(folder, 'growth_%d.c' % number)
            with open(source, 'w') as file:
                file.write(SOURCE % '\n'.join('F(%05d)' % n for n in range(number)))
            made['lib/modules/growth_%d.ko' % number] = module.compile_module(build, source)
    return made


def costs(values):
    """Returns {case: {size: instructions}} of what the kernel printed."""
    grown = {}
    for (kind, name), found in values.items():
        if kind == 'growth':
            case, size = name.rsplit('_', 1)
            grown.setdefault(case, {})[int(size)] = found[0]
    return grown


def exponent(sizes):
    """Returns the exponent of the power of n that leads from the smallest size's cost to the
    largest's."""
    small, large = min(sizes), max(sizes)
    return round(math.log(sizes[large] / sizes[small]) / math.log(large / small), 2)


def lines(grown):
    """Returns a table's lines: a case, its cost at the smallest and at the largest size, and the
    exponent."""
    out = []
    for case, words in CASES:
        sizes = grown.get(case, {})
        if len(sizes) < 2:
            continue
        ends = min(sizes), max(sizes)
        cells = [cell for n in ends for cell in ('%s:' % format(n, ','), format(sizes[n], ','))]
        out.append([words, *cells, '%.2f' % exponent(sizes)])
    return out


def judge(sizes, limit):
    """Tells whether a case keeps to its ceilings, and words for that."""
    if len(sizes or {}) < 2:
        return False, 'not measured'
    cost, grows = sizes[max(sizes)], exponent(sizes)
    return (cost <= limit[0] and grows <= limit[1],
            '{:,} of {:,.0f} at {:,}, exponent {:.2f} of {:.2f}'.format(
                cost, limit[0], max(sizes), grows, limit[1]))
