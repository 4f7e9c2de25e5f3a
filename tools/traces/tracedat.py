# SPDX-License-Identifier: MIT
"""A trace as data, and the file format trace.dat (version 6) of trace-cmd and KernelShark, written
and read: sub-buffers as they were in memory, and what is needed to understand them."""
import re
import struct

PAGE = 4096
MAGIC = b'\x17\x08\x44tracing'
MISSED, MISSED_STORED = 1 << 31, 1 << 30
SIZE_MASK = (1 << 20) - 1		# of the bits of a sub-buffer's `commit`
# Options of the file, by their numbers.
DONE, CPUSTAT, TRACECLOCK, UNAME = 0, 2, 4, 5


class BadFile(Exception):
    """The file is no trace that can be read here; the text says why."""


class Trace:
    """A trace. `word` is the guest's size of a pointer. `cpus` are lists of sub-buffers by CPU,
    `stats` the texts of per_cpu/cpuN/stats. `formats` are (system, text) of the format files.
    `symbols` are (address, name, module), `printks` formats by address, `comms` names by pid.
    `clock` is the text of trace_clock. `notes` say what is missing from it."""

    def __init__(self, word, name=''):
        self.word, self.name = word, name
        self.cpus, self.stats, self.formats, self.symbols, self.notes = {}, {}, [], [], []
        self.printks, self.comms = {}, {}
        self.clock = '[local]'

    @property
    def clock_name(self):
        found = re.search(r'\[(.*?)\]', self.clock)
        return found[1] if found else 'local'

    @property
    def in_ns(self):
        """Tells whether times are nanoseconds."""
        return self.clock_name not in ('counter', 'uptime', 'cycles', 'x86-tsc')


def page_of(time, data, word, lost=0):
    """Returns a sub-buffer with this time and these events, before which events were lost."""
    size, commit, room = len(data), len(data), PAGE - 8 - word - len(data)
    if lost:
        commit |= MISSED
        if room >= word:
            commit |= MISSED_STORED
            data += lost.to_bytes(word, 'little')
    head = struct.pack('<Q', time) + commit.to_bytes(word, 'little')
    assert 0 <= size <= PAGE - len(head)
    return (head + data).ljust(PAGE, b'\0')


def header_page(word):
    fields = [('u64', 'timestamp', 0, 8, 0), ('local_t', 'commit', 8, word, 1),
              ('int', 'overwrite', 8, 1, 1), ('char', 'data', 8 + word, PAGE - 8 - word, 1)]
    return ''.join('\tfield: %s %s;\toffset:%d;\tsize:%d;\tsigned:%d;\n' % field
                   for field in fields).encode()


HEADER_EVENT = (b'# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n'
                b'\tarray       :   32 bits\n\n\tpadding     : type == 29\n'
                b'\ttime_extend : type == 30\n\ttime_stamp : type == 31\n'
                b'\tdata max type_len  == 28\n')


def _kallsyms(trace):
    return ''.join('%0*x t %s%s\n' % (2 * trace.word, address, name,
                                      '\t[%s]' % module if module else '')
                   for address, name, module in sorted(trace.symbols)).encode()


def _quoted(text):
    """Returns a format as it stands in printk_formats."""
    return text.replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t').replace('"', '\\"')


def _unquoted(text):
    return re.sub(r'\\(.)', lambda m: {'n': '\n', 't': '\t'}.get(m[1], m[1]), text)


def write(trace, file):
    """Writes a trace to a file that was opened for bytes and can be sought in."""
    def sized(data, layout='<Q'):
        return struct.pack(layout, len(data)) + data

    def option(number, data):
        return struct.pack('<HI', number, len(data)) + data

    out = [MAGIC, b'6\0', struct.pack('<BBI', 0, trace.word, PAGE),
           b'header_page\0', sized(header_page(trace.word)), b'header_event\0', sized(HEADER_EVENT)]
    systems = {}
    for system, text in trace.formats:
        systems.setdefault(system, []).append(sized(text.encode()))
    own = systems.pop('ftrace', [])
    out += [struct.pack('<I', len(own)), *own, struct.pack('<I', len(systems))]
    for system, texts in systems.items():
        out += [system.encode() + b'\0', struct.pack('<I', len(texts)), *texts]
    printks = ''.join('0x%x : "%s"\n' % (address, _quoted(text))
                      for address, text in sorted(trace.printks.items()))
    comms = ''.join('%d %s\n' % item for item in sorted(trace.comms.items()) if item[1])
    out += [sized(_kallsyms(trace), '<I'), sized(printks.encode(), '<I'), sized(comms.encode())]
    cpus = sorted(trace.cpus)
    out += [struct.pack('<I', len(cpus)), b'options  \0',
            option(TRACECLOCK, trace.clock.encode() + b'\0')]
    out += [option(CPUSTAT, b'CPU: %d\n%s\0' % (cpu, trace.stats.get(cpu, '').encode()))
            for cpu in cpus]
    out += [option(UNAME, trace.name.encode() + b'\0'), struct.pack('<H', DONE), b'flyrecord\0']
    head = b''.join(out)
    at = -(-(len(head) + 16 * len(cpus)) // PAGE) * PAGE
    table = []
    for cpu in cpus:
        table.append(struct.pack('<QQ', at, PAGE * len(trace.cpus[cpu])))
        at += PAGE * len(trace.cpus[cpu])
    head += b''.join(table)
    file.write(head + bytes(-len(head) % PAGE))
    for cpu in cpus:
        for page in trace.cpus[cpu]:
            file.write(page)


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise BadFile('it ends too early')
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def text(self):
        end = self.data.find(b'\0', self.at)
        if end < 0:
            raise BadFile('it ends too early')
        return self.take(end + 1 - self.at)[:-1].decode(errors='replace')

    def sized(self, layout='<Q'):
        return self.take(self.number(layout)).decode(errors='replace')

    def expect(self, words):
        if self.text() != words:
            raise BadFile('"%s" is not where it should be' % words)


def _read_symbols(text):
    for line in text.split('\n'):
        words = line.split()
        if len(words) >= 3:
            yield int(words[0], 16), words[2], words[3].strip('[]') if len(words) > 3 else ''


def _read_options(reader, trace):
    while True:
        number = reader.number('<H')
        if number == DONE:
            return
        data = reader.sized('<I').rstrip('\0')
        if number == TRACECLOCK:
            trace.clock = data
        elif number == CPUSTAT:
            first, _, rest = data.partition('\n')
            trace.stats[int(first.split()[-1])] = rest
        elif number == UNAME:
            trace.name = data


def read(data):
    """Returns the trace in the bytes of a file."""
    if data[:len(MAGIC)] != MAGIC:
        raise BadFile('it is no trace.dat')
    reader = _Reader(data)
    reader.take(len(MAGIC))
    version = reader.text()
    if version != '6':
        raise BadFile('it is a trace.dat of version %s; only 6 is known (trace-cmd convert '
                      '--file-version 6 makes one)' % version)
    if reader.number('<B'):
        raise BadFile('its bytes are in the order of a big-endian machine')
    trace = Trace(reader.number('<B'))
    if trace.word not in (4, 8) or reader.number('<I') != PAGE:
        raise BadFile('its pages or words have a size that is not known')
    reader.expect('header_page')
    reader.sized()
    reader.expect('header_event')
    reader.sized()
    trace.formats = [('ftrace', reader.sized()) for _ in range(reader.number('<I'))]
    for _ in range(reader.number('<I')):
        system = reader.text()
        trace.formats += [(system, reader.sized()) for _ in range(reader.number('<I'))]
    trace.symbols = list(_read_symbols(reader.sized('<I')))
    for line in reader.sized('<I').split('\n'):
        found = re.fullmatch(r'0x([0-9a-f]+) : "(.*)"', line)
        if found:
            trace.printks[int(found[1], 16)] = _unquoted(found[2])
    for line in reader.sized().split('\n'):
        pid, _, comm = line.partition(' ')
        if comm:
            trace.comms[int(pid)] = comm
    nr_cpus = reader.number('<I')
    kind = reader.take(10)
    if kind == b'options  \0':
        _read_options(reader, trace)
        kind = reader.take(10)
    if kind != b'flyrecord\0':
        raise BadFile('it has no events of CPUs (a latency trace?)')
    for cpu in range(nr_cpus):
        at, size = reader.number('<Q'), reader.number('<Q')
        if at + size > len(data) or size % PAGE:
            raise BadFile('it ends too early')
        trace.cpus[cpu] = [data[i:i + PAGE] for i in range(at, at + size, PAGE)]
    return trace
