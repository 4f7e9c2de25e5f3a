# SPDX-License-Identifier: MIT
"""Writes cpio archives in the newc format, for the initrd. The same files always give the same
bytes."""


def entry(name, data, mode, number):
    """Returns one entry. Its fields are: inode, mode, uid, gid, links, mtime, size, four device
    numbers, the length of the name with its NUL, checksum."""
    name = name.encode() + b'\0'
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    head = b'070701' + b''.join(b'%08x' % field for field in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def archive(files):
    """Returns the archive of the files {path: bytes}, with the directories that the paths go
    through."""
    folders = {path[:i] for path in files for i, c in enumerate(path) if c == '/'}
    out = b''.join(entry(path, b'', 0o040755, n) for n, path in enumerate(sorted(folders)))
    out += b''.join(entry(path, data, 0o100644, 1000 + n)
                    for n, (path, data) in enumerate(sorted(files.items())))
    return out + entry('TRAILER!!!', b'', 0, 0)
