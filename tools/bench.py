#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./bench: what tracing costs, in exact instructions, on Patchbay and (--linux) on Linux 6.12.
Under QEMU's -icount shift=0 a nanosecond of virtual time is an instruction, so the numbers
repeat."""
import argparse
import fnmatch
import json
import os
import re
import subprocess
import sys

import build
import growth
import linux_bench
import native_bench
import program
import qemu

CEILINGS = os.path.join(build.ROOT, 'tools', 'ceilings')
GROWTH_CEILINGS = os.path.join(build.ROOT, 'tools', 'growth_ceilings')
BASE = 'nop_site'

# The table's rows: a case and its description. Numbers are instructions per call, in addition to
# those of a call with a NOP site.
PER_CALL = [
    ('ops_1', 'one callback'),
    ('ops_1_regs', 'one callback, SAVE_REGS'),
    ('ops_1_recursion', 'one callback, recursion assisted'),
    ('ops_1_dynamic', 'one callback, ops in allocated memory'),
    ('ops_2', '2 callbacks'),
    ('ops_10', '10 callbacks'),
    ('ops_100', '100 callbacks'),
    ('ops_1_irrelevant_1', 'one, plus 1 on another function'),
    ('ops_1_irrelevant_10', 'one, plus 10 on another function'),
    ('ops_1_irrelevant_100', 'one, plus 100 on another function'),
    ('direct', 'direct call'),
    ('direct_plus_ops_1', 'direct call plus one callback'),
    ('direct_plus_ops_10', 'direct call plus ten callbacks'),
    ('graph_1', 'function graph, a user of both ends'),
    ('graph_2', 'function graph, 2 users'),
    ('profile', 'function profiler, with graph'),
    ('profile_hits', 'function profiler, hits alone'),
    ('tracer_function', 'function tracer, per event'),
    ('tracer_function_full', 'function tracer, overwriting'),
    ('tracer_function_tracing_off', 'function tracer, tracing_on=0'),
    ('tracer_graph', 'function_graph, entry and exit'),
    ('trace_printk', 'trace_printk, two integers'),
    ('trace_marker', 'trace_marker, 16 bytes'),
    ('ring_reserve_commit', 'ring buffer reserve and commit'),
    ('event_disabled', 'a disabled event'),
    ('event_enabled', 'an enabled event, 32 bytes'),
    ('event_filtered', 'the same, if a filter of two terms keeps it'),
    ('event_refused', 'the same, if it refuses it'),
    ('kprobe_event', 'a kprobe event, one argument'),
    ('kretprobe_event', 'a kretprobe event, one argument of the entry'),
    ('event_hist', 'an event that is counted in a histogram by one key'),
]
# Cases that time something other than a call of the traced function. Their numbers are in addition
# to those of an empty loop.
ABOVE_LOOP = {'trace_printk', 'trace_marker', 'ring_reserve_commit', 'event_disabled',
              'event_enabled', 'event_filtered', 'event_refused', 'event_hist'}
ONCE = [
    ('attach_1', 'attach one function'),
    ('detach_1', 'detach one function'),
    ('attach_1000', 'attach 1,000 single-function callbacks'),
    ('enable_all_per_function', 'enable all, per function'),
    ('disable_all_per_function', 'disable all, per function'),
    ('change_filter', 'change the filter of a live callback'),
    ('reset_to_prompt', 'reset to prompt (Linux: to first user instruction)'),
    ('reset_to_first_traced', 'reset to the first traced function'),
]
SIZES = [
    ('record_bytes', 'record in memory, bytes a site'),
    ('literal_bytes', 'literal in memory, bytes a site'),
    ('init_table_bytes', "compiler's table, bytes a site, given back at boot"),
    ('sites', 'sites'),
    ('image_bytes', 'image in memory, bytes'),
    ('all_traced_bytes', 'more memory with every function traced, bytes'),
]


class BenchError(program.Failure):
    """An error; the text tells the user what went wrong."""


def run_kernel(arch, folder, script, append='', icount=True, files=None):
    """Returns what `script` printed on a freshly booted kernel."""
    machine = qemu.Machine(arch, build.image(folder, arch, True),
                           qemu.boot_words(arch, True) + ' ' + append, script + '\n', icount=icount,
                           files=files)
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    try:
        out, log = process.communicate(timeout=600)
        status, words = machine.status(process.returncode)
        if status:
            said = out.decode(errors='replace').strip().splitlines()
            raise BenchError('%s: status %d: %s' % (
                arch, status, words or
                (said[-1] if said else log.decode(errors='replace')[-2000:])))
        return out.decode(errors='replace').replace('\r\n', '\n')
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise BenchError('%s: no power-off within 600 s' % arch) from error
    finally:
        machine.close()


def parse(text):
    """Turns lines `bench KIND NAME VALUE` into {(kind, name): [values]}."""
    values = {}
    for kind, name, value in re.findall(r'^bench (\w+) (\w+) (.*)$', text, re.M):
        values.setdefault((kind, name), []).append(int(value) if kind != 'absent' else value)
    return values


def check_calibration(values):
    """Checks that a loop of known length takes as many ticks as it has instructions, apart from a
    few around it."""
    known, ticks = (values[('clock', name)][0] for name in ('spin_instructions', 'spin_ticks'))
    if not known <= ticks <= known + 32:
        raise BenchError('the clock does not count instructions: %d for %d' % (ticks, known))


def per_call(values, exact=True):
    """Returns the ticks per call of each case. Every repetition must have given the same number."""
    if exact:
        check_calibration(values)
    calls = values[('calls', 'n')][0]
    costs = {}
    for (kind, name), ticks in values.items():
        if kind != 'call':
            continue
        if exact and len(set(ticks)) != 1:
            raise BenchError('%s did not repeat to the instruction: %s' % (name, ticks))
        costs[name] = min(ticks) / calls
    return costs


def above_base(costs):
    """Returns the costs in addition to a NOP site. The cost of the loop itself is in both and
    cancels out."""
    return {name: round(cost - costs['loop_only' if name in ABOVE_LOOP else BASE], 2)
            for name, cost in costs.items() if name not in ('loop_only', 'call_no_site')}


def measure(arch, pattern):
    """Returns all numbers of an architecture: {'call': .., 'once': .., 'size': .., 'absent': ..}.
    """
    folder = build.build(build.directory(arch), arch, tests=True)
    values = parse(run_kernel(arch, folder,
                              'bench loop_only; bench nop_site; bench "%s"' % pattern))
    calibration = values[('call', 'loop_only')]
    values[('call', 'loop_only')] = calibration[:3]
    values[('call', BASE)] = values[('call', BASE)][:3]
    result = {'call': above_base(per_call(values)),
              'once': {name: min(v) for (kind, name), v in values.items() if kind == 'once'},
              'size': {name: v[0] for (kind, name), v in values.items() if kind == 'size'},
              'absent': {name: v[0] for (kind, name), v in values.items() if kind == 'absent'}}
    once = result['once']
    for name in ('enable_all', 'disable_all'):
        if name in once:
            once[name + '_per_function'] = round(once.pop(name) / once['functions'], 1)
    once.pop('functions', None)
    if growth.is_asked_for(pattern):
        result['growth'] = growth.costs(run_growth(arch, folder, growth.SITES, pattern))
    if fnmatch.fnmatch('reset_to_prompt', pattern):
        once.update(boot_times(arch, folder))
    wall = parse(run_kernel(arch, folder, 'bench "%s"' % pattern, icount=False))
    tick_ns = 1e9 / wall[('clock', 'hz')][0]
    result['wall_ns'] = {name: round(ticks * tick_ns)
                         for name, ticks in per_call(wall, exact=False).items()}
    return result


def run_growth(arch, folder, sites, pattern):
    """Returns the results of the growth cases, on a kernel that has these modules. Each case gets a
    boot of its own, because what one leaves behind would be counted in the next."""
    values = {}
    files = growth.files(folder, sites)
    for name in growth.GROUPS:
        if fnmatch.fnmatch(name, pattern):
            values.update(parse(run_kernel(arch, folder, 'bench ' + name, files=files)))
    return values


def boot_times(arch, folder):
    script = 'bench reset_to_prompt'
    prompt = parse(run_kernel(arch, folder, script))
    traced = parse(run_kernel(arch, folder, script, 'ftrace=function'))
    times = {'reset_to_prompt': prompt[('boot', 'reset_to_prompt')][0]}
    times.update({name: v[0] for (kind, name), v in traced.items()
                  if name == 'reset_to_first_traced'})
    return times


def ceilings(path):
    """Reads a file of ceilings. Returns {case: {arch: numbers}}; each architecture has as many."""
    limits = {}
    with open(path) as file:
        for line in file:
            case, *words = line.split('#')[0].split() or ['']
            if case:
                numbers = [float(word.replace(',', '')) for word in words]
                each = len(numbers) // len(build.ARCHES)
                limits[case] = {arch: tuple(numbers[n * each:(n + 1) * each])
                                for n, arch in enumerate(build.ARCHES)}
    return limits


def show(number):
    if number is None:
        return '-'
    if isinstance(number, str):
        return number
    return '{:,.0f}'.format(number) if number == int(number) else '{:,.2f}'.format(number)


def print_lines(lines):
    """Prints cells in columns, of which the first is aligned to the left."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print('  '.join([line[0].ljust(widths[0])] +
                        [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]).rstrip())
    print()


def table(title, rows, columns):
    """Prints a table. Rows are (case, description), columns are (heading, {case: number})."""
    lines = [[title] + [heading for heading, _ in columns]]
    for name, words in rows:
        cells = [numbers.get(name) for _, numbers in columns]
        if any(cell is not None for cell in cells):
            lines.append([words] + [show(cell) for cell in cells])
    if len(lines) > 1:
        print_lines(lines)


def ratios(ours, theirs):
    return {name: '%.1fx' % (theirs[name] / ours[name]) for name in ours
            if ours[name] and theirs.get(name)}


def print_results(results):
    for arch, result in results.items():
        absent = {name: 'absent' for name in result['absent']}
        columns = [('Patchbay', {**absent, **result['call']})]
        once = [('Patchbay', result['once'])]
        sizes = [('Patchbay', result['size'])]
        if 'linux' in result:
            linux = result['linux']
            columns += [('Linux', linux['call']), ('ratio', ratios(result['call'], linux['call']))]
            once += [('Linux', linux['once']), ('ratio', ratios(result['once'], linux['once']))]
            sizes += [('Linux', linux['size'])]
        columns.append(('TCG, ns', result['wall_ns']))
        table('%s: instructions a call, above a NOP site' % arch, PER_CALL, columns)
        table('%s: instructions, once' % arch, ONCE, once)
        table('%s: sizes' % arch, SIZES, sizes)
        grown = growth.lines(result.get('growth', {}))
        if grown:
            heading = '%s: growth, n: instructions' % arch
            print_lines([[heading, '', '', '', '', 'exponent'], *grown])


def native(pattern):
    """Prints core cycles on this machine's processor, beside what is counted: i386 alone."""
    folder = build.build(build.directory('i386'), 'i386', tests=True)
    rows = [(name, words) for name, words in PER_CALL if fnmatch.fnmatch(name, pattern)]
    try:
        costs = native_bench.measure([native_bench.program(folder)])
        script = '; '.join('bench ' + name for name in ['loop_only', BASE, *costs])
        counts = above_base(per_call(parse(run_kernel('i386', folder, script))))
        print_native('i386, above a NOP site', rows, [('instructions', counts)], costs)
    except native_bench.CannotRun as error:
        print('i386: %s\n' % error)
    peers = native_bench.measure_peers()
    rows = [(name, words) for name, words, *_ in native_bench.PEERS
            if fnmatch.fnmatch(name, pattern)]
    absent = {name: why for name, why in peers.items() if isinstance(why, str)}
    print_native('64-bit programs, above no site', rows, [],
                 {name: pair for name, pair in peers.items() if name not in absent})
    for name, words in rows:
        if name in absent:
            print('%s: %s' % (words, absent[name]))


def print_native(title, rows, columns, costs):
    """Prints a table with two columns more: cycles, and the same below eight frames."""
    table(title, rows, columns + [
        (heading, {name: '%.0f' % pair[n] for name, pair in costs.items()})
        for n, heading in enumerate(['cycles', 'below 8 frames'])])


def guard(arches, folders):
    """Prints TAP for ./check, with one case for each ceiling. Costs below their ceiling are
    mentioned too."""
    limits, grown_limits = ceilings(CEILINGS), ceilings(GROWTH_CEILINGS)
    print('1..%d' % ((len(limits) + len(grown_limits)) * len(arches)))
    failed = number = 0
    for arch, folder in zip(arches, folders):
        script = '; '.join('bench ' + name for name in ['loop_only', BASE, *limits])
        costs = above_base(per_call(parse(run_kernel(arch, folder, script))))
        grown = growth.costs(run_growth(arch, folder, growth.GUARDED, '*'))
        results = [(name, name in costs and costs[name] <= limit[arch][0],
                    '%s of %s' % (show(costs.get(name)), show(limit[arch][0])))
                   for name, limit in limits.items()]
        results += [('growth.' + name, *growth.judge(grown.get(name), limit[arch]))
                    for name, limit in grown_limits.items()]
        for name, good, words in results:
            number += 1
            failed += not good
            print('%s %d %s.%s: %s' % ('ok' if good else 'not ok', number, arch, name, words))
    return 1 if failed else 0


def main(argv):
    parser = argparse.ArgumentParser(prog='./bench', description=__doc__)
    parser.add_argument('arch', nargs='?', choices=build.ARCHES, help='one architecture (both)')
    parser.add_argument('--json', metavar='FILE', help='write the numbers there too')
    parser.add_argument('--linux', action='store_true',
                        help="build Linux from Debian's linux-source-6.12 and measure it too")
    parser.add_argument('--native', action='store_true',
                        help="instead, core cycles of this machine's processor: i386 as a Linux "
                        'program, and other tracers')
    parser.add_argument('--case', metavar='GLOB', default='*', help='only these cases')
    parser.add_argument('--guard', action='store_true',
                        help='TAP: no hot case costs more than tools/ceilings says')
    parser.add_argument('--build', metavar='DIR',
                        help='with --guard: a build directory that is up to date')
    args = parser.parse_args(argv)
    arches = [args.arch] if args.arch else list(build.ARCHES)
    if args.native:
        if args.arch == 'arm64':
            raise BenchError('--native: only i386 can be a program of an x86-64 machine')
        build.setup('i386')
        native(args.case)
        return 0
    if args.guard and args.build and args.arch:
        return guard(arches, [args.build])
    if args.json:
        open(args.json, 'a').close()	# before the hour's work, not behind it
    build.setup(*arches, *(['linux'] if args.linux else []))
    if args.guard:
        return guard(arches, [build.build(build.directory(arch), arch, tests=True)
                              for arch in arches])
    results = {}
    for arch in arches:
        results[arch] = measure(arch, args.case)
        if args.linux:
            results[arch]['linux'] = linux_bench.measure(arch, args.case)
    print_results(results)
    if args.json:
        with open(args.json, 'w') as file:
            json.dump(results, file, indent=1, sort_keys=True)
            file.write('\n')
    return 0


if __name__ == '__main__':
    program.run('bench', main, sys.argv[1:])
