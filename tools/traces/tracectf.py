# SPDX-License-Identifier: MIT
"""A trace in the Common Trace Format 1.8, a folder that babeltrace2 and Trace Compass read: a
stream for each CPU, and an event class for each format. Addresses of functions come with their
names."""
import os
import re
import struct

MAGIC = 0xc1fc1fc1
HEAD = struct.Struct('<IIQQQQQI')	# see the packet in METADATA
NAMED = ('ip', 'parent_ip', 'func')	# fields that are addresses of code
COMMON = (('pid', 'int32_t'), ('flags', 'uint8_t'), ('preempt_count', 'uint8_t'))

METADATA = '''/* CTF 1.8 */
typealias integer { size = 8; align = 8; signed = false; } := uint8_t;
typealias integer { size = 16; align = 8; signed = false; } := uint16_t;
typealias integer { size = 32; align = 8; signed = false; } := uint32_t;
typealias integer { size = 64; align = 8; signed = false; } := uint64_t;
typealias integer { size = 8; align = 8; signed = true; } := int8_t;
typealias integer { size = 16; align = 8; signed = true; } := int16_t;
typealias integer { size = 32; align = 8; signed = true; } := int32_t;
typealias integer { size = 64; align = 8; signed = true; } := int64_t;
typealias integer { size = 64; align = 8; signed = false; base = hex; } := address_t;

trace {
	major = 1;
	minor = 8;
	byte_order = le;
	packet.header := struct { uint32_t magic; uint32_t stream_id; };
};
env { domain = "kernel"; hostname = "%(host)s"; tracer_name = "patchbay"; };
clock { name = guest; freq = %(frequency)d; offset = 0; };
typealias integer { size = 64; align = 8; signed = false; map = clock.guest.value; } := time_t;
stream {
	id = 0;
	packet.context := struct {
		time_t timestamp_begin;
		time_t timestamp_end;
		uint64_t content_size;
		uint64_t packet_size;
		uint64_t events_discarded;
		uint32_t cpu_id;
	};
	event.header := struct { uint16_t id; time_t timestamp; };
	event.context := struct { %(common)s };
};
'''


def _integer(field):
    return '%sint%d_t' % ('' if field.signed else 'u', 8 * field.size)


def _declare(known):
    """Returns (lines of a structure, functions that make their bytes)."""
    lines, makers = [], []
    for name, field in known.fields.items():
        label = '_' + name
        if known.is_text(name):
            lines.append('string %s;' % label)
            makers.append(lambda reader, event, name=name: known.value(event, name).encode()
                          + b'\0')
        elif field.array:
            lines += ['uint32_t %s_len;' % label, 'uint8_t %s[%s_len];' % (label, label)]
            makers.append(lambda reader, event, name=name: struct.pack(
                '<I', len(known.rest(event, name))) + known.rest(event, name))
        elif name in NAMED:
            lines += ['address_t %s;' % label, 'string %s_name;' % label]
            makers.append(lambda reader, event, name=name: _address(
                reader, known.number(event, name, 0), name == 'parent_ip'))
        elif field.size in (1, 2, 4, 8):
            lines.append('%s %s;' % (_integer(field), label))
            makers.append(lambda reader, event, name=name, field=field: (
                known.number(event, name, 0).to_bytes(field.size, 'little', signed=field.signed)))
    return lines, makers


def _address(reader, value, back):
    return struct.pack('<Q', value) + reader.symbols.name(value, int(back)).encode() + b'\0'


def write(reader, folder):
    """Writes the trace into a folder, which is made."""
    os.makedirs(folder, exist_ok=True)
    trace = reader.trace
    text = METADATA % {
        'host': re.sub(r'[^ -~]|["\\]', '', trace.name),
        'frequency': 10 ** 9 if trace.in_ns else 1,
        'common': ' '.join('%s _%s;' % (kind, name) for name, kind in COMMON)}
    makers = {}
    for number, known in sorted(reader.formats.items()):
        lines, makers[number] = _declare(known)
        text += 'event { id = %d; name = "%s"; stream_id = 0; fields := struct { %s }; };\n' % (
            number, known.name, ' '.join(lines))
    streams = {cpu: [] for cpu in sorted(trace.cpus)}
    for event in reader:
        streams[event.cpu].append(event)
    for cpu, events in streams.items():
        body, discarded = [], 0
        for event in events:
            discarded += max(event.lost, int(event.lost < 0))
            if event.id in makers:
                body.append(struct.pack('<HQiBB', event.id, event.time, event.pid, event.flags,
                                        event.preempt))
                body += [make(reader, event) for make in makers[event.id]]
        data = b''.join(body)
        size = 8 * (HEAD.size + len(data))
        with open(os.path.join(folder, 'cpu%d' % cpu), 'wb') as file:
            file.write(HEAD.pack(MAGIC, 0, events[0].time if events else 0,
                                 events[-1].time if events else 0, size, size, discarded, cpu))
            file.write(data)
    with open(os.path.join(folder, 'metadata'), 'w') as file:
        file.write(text)
