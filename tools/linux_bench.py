# SPDX-License-Identifier: MIT
"""The Linux half of ./bench: builds Linux 6.12 with tools/linux_bench/ and reads the PEER lines
that its benchmark driver prints."""
import fnmatch
import os
import subprocess

import build
import qemu

DIR = os.path.join(build.ROOT, 'build', 'linux')
BOOT = 'peermark norandmaps panic=-1 peern=29580 peerreps=3'
# Linux's names of cases that differ from ours, and the former names of its functions.
NAMES = {'tracer_function_full': 'tracer_function', 'tracer_function': 'tracer_function_nowrap',
         'trace_printk': 'trace_bprintk', 'trace_marker': 'trace_marker_16B',
         'tracer_graph': 'tracer_graph_nowrap'}
ONCE = {'attach_1': 'attach_1fn', 'detach_1': 'detach_1fn'}


def command(arch, out):
    """Boots Linux in QEMU as for Patchbay, but on the processor on which Linux boots fastest."""
    initrd = os.path.join(DIR, 'initramfs-' + arch, 'initramfs.cpio')
    if arch == 'i386':
        image = os.path.join(out, 'arch/x86/boot/bzImage')
        machine = ['-M', 'pc', '-cpu', 'qemu32']
        console = 'console=ttyS0 reboot=t '
    else:
        image = os.path.join(out, 'arch/arm64/boot/Image')
        machine = ['-M', 'virt,dtb-randomness=off', '-cpu', 'max']
        console = 'console=ttyAMA0 '
    return [qemu.EMULATOR[arch], *machine, *qemu.COUNTED, '-smp', '1', '-m', '512', '-display',
            'none', '-nodefaults', '-serial', 'stdio', '-no-reboot', '-kernel', image,
            '-initrd', initrd, '-append', console + BOOT]


def peer_lines(arch):
    out = os.path.join(DIR, 'out-' + arch)
    if subprocess.run([os.path.join(build.ROOT, 'tools/linux_bench/build'), arch, DIR]).returncode:
        raise build.BuildError('Linux for %s did not build: see %s/make.log' % (arch, out))
    done = subprocess.run(command(arch, out), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors='replace', timeout=1800)
    lines = [line[line.index('PEER '):].split() for line in done.stdout.splitlines()
             if 'PEER ' in line]
    if not lines or lines[-1][1] != 'done':
        raise build.BuildError('Linux for %s did not finish its benchmark' % arch)
    return lines


def results_of(lines):
    """Turns lines `PEER res NAME k=v ...` into {name: [{k: v}]}."""
    results = {}
    for words in lines:
        if words[1] == 'res':
            results.setdefault(words[2], []).append(
                {k: int(v) for k, v in (word.split('=') for word in words[3:] if '=' in word)})
    return results


def instructions(run):
    """Returns the ticks without the idle time, which a wait skips."""
    return run['ticks'] - 1000 * run.get('idle_us', 0)


def value_of(lines, key):
    """Returns the first `KEY=number` in the PEER lines."""
    for words in lines:
        for word in words:
            name, _, value = word.partition('=')
            if name == key and value.rstrip(',').isdigit():
                return int(value.rstrip(','))
    return None


def measure(arch, pattern):
    lines = peer_lines(arch)
    results = results_of(lines)
    median = {name: sorted(run['ticks'] / run['n'] for run in runs)[len(runs) // 2]
              for name, runs in results.items()}
    base = median['nop_site']
    call = {name: round(value - base, 2) for name, value in median.items()
            if results[name][0]['n'] > 1}
    call.update({ours: call[theirs] for ours, theirs in list(NAMES.items())[::-1]
                 if theirs in call})
    call['tracer_function_full'] = round(median['tracer_function'] - base, 2)
    once = {ours: min(map(instructions, results[theirs])) for ours, theirs in ONCE.items()}
    functions = value_of(lines, 'available_filter_functions')
    for kind in ('enable', 'disable'):
        once[kind + '_all_per_function'] = round(
            min(map(instructions, results[kind + '_function_all'])) / functions, 1)
    once['reset_to_prompt'] = value_of(lines, 'user_start_clock')
    size = {'record_bytes': value_of(lines, 'sizeof(dyn_ftrace)'), 'sites': functions}
    return {'call': {k: v for k, v in call.items() if fnmatch.fnmatch(k, pattern)},
            'once': once, 'size': size}
