# SPDX-License-Identifier: MIT
"""Finds out which functions of an image have a given type, from its debug information as objdump
prints it."""
import re
import subprocess

DIE = re.compile(r' <([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)')
ATTRIBUTE = re.compile(r'    <[0-9a-f]+>\s+DW_AT_(\w+)\s*: (.*)')
WANTED = {'name', 'type', 'low_pc', 'abstract_origin', 'specification'}
# The kinds of entries that have parameters, and those by which a function's parameters are
# described.
FUNCTIONS = {'subprogram', 'subroutine_type'}
TYPES = {'base_type', 'structure_type', 'union_type', 'enumeration_type', 'pointer_type', 'typedef',
         'const_type', 'volatile_type', 'array_type'}
PARAMETERS = {'formal_parameter', 'unspecified_parameters'}


class Entry:
    """A function, a type or a parameter."""

    def __init__(self, tag):
        self.tag, self.attributes, self.parameters = tag, {}, []

    def reference(self, name):
        """Returns the key in Dwarf.entries of the entry that an attribute points to."""
        value = self.attributes.get(name)
        return int(value.strip('<>'), 16) if value else None

    @property
    def name(self):
        # The attribute is `(indirect string, offset: 0x123): the_name`, or the name alone.
        return self.attributes.get('name', '').split('): ')[-1].strip()


class Dwarf:
    def __init__(self, objdump, path):
        text = subprocess.run([objdump, '--dwarf=info', '--dwarf-depth=3', path], check=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout
        self.entries, entry, parents = {}, None, {}
        for line in text.split('\n'):
            attribute = ATTRIBUTE.match(line)
            if attribute:
                if entry and attribute[1] in WANTED:
                    entry.attributes[attribute[1]] = attribute[2]
                continue
            die = DIE.match(line)
            if not die:
                continue
            depth, tag = int(die[1], 16), die[3]
            entry = Entry(tag) if tag in FUNCTIONS | TYPES | PARAMETERS else None
            parents[depth] = entry
            if tag in PARAMETERS and parents.get(depth - 1) and parents[depth - 1].tag in FUNCTIONS:
                parents[depth - 1].parameters.append(entry)
            elif entry:
                self.entries[int(die[2], 16)] = entry

    def describe(self, entry):
        """Describes a type in words, which are the same in every object file that has this type."""
        if entry is None:
            return 'void'
        target = self.entries.get(entry.reference('type'))
        if entry.tag == 'typedef':
            return self.describe(target)
        if entry.tag == 'subroutine_type':
            return self.signature(entry)
        if entry.tag in ('pointer_type', 'const_type', 'volatile_type', 'array_type'):
            return '%s %s' % (self.describe(target), entry.tag)
        return '%s %s' % (entry.tag, entry.name)

    def signature(self, function):
        """Describes in words what a function takes and returns."""
        types = [function, *function.parameters]
        return ', '.join('...' if t.tag == 'unspecified_parameters' else
                         self.describe(self.entries.get(t.reference('type'))) for t in types)

    def functions_like(self, typedef):
        """Returns the addresses of all functions that a pointer of the type with this name may
        point to."""
        wanted = set()
        for entry in self.entries.values():
            if entry.tag == 'typedef' and entry.name == typedef:
                pointer = self.entries[entry.reference('type')]
                wanted.add(self.signature(self.entries[pointer.reference('type')]))
        found = set()
        for entry in self.entries.values():
            if entry.tag != 'subprogram' or 'low_pc' not in entry.attributes:
                continue
            # If a function is also inlined, the entry of its code points to the one that describes
            # it.
            origin = entry.reference('abstract_origin') or entry.reference('specification')
            if self.signature(self.entries.get(origin, entry)) in wanted:
                found.add(int(entry.attributes['low_pc'], 16))
        return found
