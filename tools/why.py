# SPDX-License-Identifier: MIT
"""Tells whether a function's calls can be traced, and why not, as `trace why` does in the guest,
but from the guest's memory. The image has the table that both use (tools/classify.py)."""
import classify
import sites

# What holds for all of a file.
REASONS = {
    classify.TRACED: 'marked notrace in %s',
    classify.UNTRACED: '%s is in untraced_sources, for the tracer may run it',
    classify.ASSEMBLY: 'assembly without a site (%s)',
}


def _table(memory):
    """Returns the table, which ends where it says so itself."""
    at = memory.address('function_table')
    section = next(s for s in memory.image.sections if s.addr <= at < s.addr + s.size)
    return classify.unpack(memory.image.read(at, section.addr + section.size - at))


def _reason(memory, name, address, file, kind):
    if '.cold' in name:
        return 'part of %s, which jumps to it' % name.split('.cold')[0]
    if memory.address('_sinittext') <= address < memory.address('_einittext'):
        return 'ran during boot; its code was freed (%s)' % file
    return REASONS[kind] % file if file else 'assembly in C, or a library\'s'


def _inlined(memory, name, table, found, traced):
    """Yields lines about calls of which there is no code, and about a function that is none."""
    _, _, inlined, losers = table
    if name in losers:
        yield '%s: the weak one of %s lost to this one, and is never called' % (name, losers[name])
    # What cannot be traced anyway needs no second reason.
    if name not in inlined or found and not traced:
        return
    total, numbers = inlined[name]
    callers = ', '.join(memory.functions[number][2] for number in numbers)
    more = ', and %d more' % (total - len(numbers)) if total > len(numbers) else ''
    yield name + (': some calls are inlined, and not seen, in ' if found else
                  ': cannot be traced: every call is inlined, in ') + callers + more


def _in_image(memory, name, table):
    """Yields (whether it is traced, lines) of each function that is meant: itself, or a copy of it
    that the compiler made for some calls."""
    files, kinds, *_ = table
    for number, (address, _, known) in enumerate(memory.functions):
        if known.split('.')[0] != name:
            continue
        file = files[number]
        try:
            attached = list(sites.lines(memory, known))
        except sites.NoSite:
            yield False, ['%s: cannot be traced: %s' % (
                known, _reason(memory, known, address, file, kinds.get(file)))]
            continue
        yield True, ['%s: can be traced (%s)' % (known, file), *attached[1:]]


def lines(memory, name):
    """Yields lines about the functions of this name."""
    table = _table(memory)
    found = list(_in_image(memory, name, table))
    for address, known, module in memory.symbols_in_ranges():
        if known == name and module:
            found.append((True, ['%s: in the module %s' % (name, module),
                                 *sites.lines(memory, name)]))
    for _, told in found:
        yield from told
    inlined = list(_inlined(memory, name, table, bool(found), any(traced for traced, _ in found)))
    yield from inlined
    if not found and not inlined:
        raise sites.NoSite('%s: no such function is in this build or in a module' % name)
