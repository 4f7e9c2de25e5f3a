# SPDX-License-Identifier: MIT
"""Tells which functions the compiler has inlined, and into which, from debug information. That
means looking at every entry, of which an image has over 100,000; so of most of them only the size
is taken, which an abbreviation tells once for all entries that have it."""
import dwarf_units


class _Shape:
    """What a walk has to know of an abbreviation: whether its entries are inlined calls, and have
    children; and runs of attributes with a fixed size, each with the form of the attribute behind
    it, which says its own."""

    def __init__(self, tag, has_children, fields):
        self.has_children, self.is_call = has_children, tag == 'inlined'
        self.runs, self.rest = [], 0
        for name, form, _, size in fields:
            if name == 'origin' and self.is_call and (self.runs or self.rest or size != 4):
                raise SystemExit('debug information of inlined calls is not as GCC writes it')
            if size is None:
                self.runs.append((self.rest, form))
                self.rest = 0
            else:
                self.rest += size


def _origins(unit, shapes, at):
    """Returns where the functions are described that are inlined into the one whose children begin
    at `at`, as far into it as they go."""
    info, depth, found = unit.info, 1, set()
    while depth:
        code, at = info[at], at + 1
        if code >= 0x80:
            code, at = dwarf_units.uleb(info, at - 1)
        if not code:
            depth -= 1
            continue
        shape = shapes[code]
        if shape.is_call:
            found.add(int.from_bytes(info[at:at + 4], 'little') + unit.start)
        for size, form in shape.runs:
            at = unit.behind(form, at + size)
        at += shape.rest
        depth += shape.has_children
    return found


def of_unit(unit):
    """Yields each function that has code, with the names of those that are inlined into it."""
    shapes = {code: _Shape(*abbreviation) for code, abbreviation in unit.abbrevs.items()}
    names = {}
    for function in unit.functions():
        found = _origins(unit, shapes, function.inside) if function.has_children else ()
        for at in found:
            if at not in names:
                names[at] = unit.described(unit.entry(at)).name
        yield function, {names[at] for at in found}
