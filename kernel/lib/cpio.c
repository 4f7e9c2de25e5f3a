/* SPDX-License-Identifier: MIT */
/*
 * cpio "newc": a header of 110 characters (magic, 13 numbers of 8 hexadecimal digits), the
 * name, padding to 4 bytes, the data, padding to 4 bytes; the last entry is named TRAILER!!!.
 */
#include "kernel/lib/cpio.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

#define HEADER_SIZE 110
enum { MODE = 1, FILESIZE = 6, NAMESIZE = 11 };

/* Field @index of the header; false if it is not 8 hexadecimal digits. */
static bool read_field(const u8 *header, unsigned int index, u32 *value)
{
	const u8 *s = header + 6 + 8 * index;

	*value = 0;
	for (unsigned int i = 0; i < 8; i++) {
		u8 c = s[i] | 0x20;	/* makes a letter lower case */

		if (s[i] >= '0' && s[i] <= '9')
			*value = *value << 4 | (u32)(s[i] - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (u32)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Step over @len bytes and the padding after them, which may be missing at the archive's end. */
static bool skip_padded(size_t size, size_t *pos, size_t len)
{
	size_t padding;

	if (len > size - *pos)
		return false;
	*pos += len;
	padding = -*pos & 3;
	*pos += padding < size - *pos ? padding : size - *pos;
	return true;
}

int cpio_next(const void *archive, size_t size, size_t *pos, struct cpio_entry *entry,
	      const char **why)
{
	const u8 *header = (const u8 *)archive + *pos;
	u32 mode, file_size, name_size;

	*why = "truncated";
	if (*pos > size || size - *pos < HEADER_SIZE)
		return -EINVAL;
	*why = "not a cpio archive in the newc format";
	if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
		return -EINVAL;
	*why = "a header holds something that is not a number";
	if (!read_field(header, MODE, &mode) || !read_field(header, FILESIZE, &file_size) ||
	    !read_field(header, NAMESIZE, &name_size))
		return -EINVAL;
	*why = "a name is malformed";
	entry->name = (const char *)header + HEADER_SIZE;
	/* Callers use the name as a string, so its NUL must be exactly where the size puts it. */
	if (!name_size || name_size > size - *pos - HEADER_SIZE ||
	    strnlen(entry->name, name_size) != name_size - 1)
		return -EINVAL;
	*why = "truncated";
	if (!skip_padded(size, pos, HEADER_SIZE + (size_t)name_size))
		return -EINVAL;
	if (!strcmp(entry->name, "TRAILER!!!"))
		return 0;
	/*
	 * skip_padded() has checked that the name ends within the archive; the data is checked
	 * below.
	 */
	entry->mode = mode;
	entry->data = (const u8 *)archive + *pos;
	entry->size = file_size;
	return skip_padded(size, pos, file_size) ? 1 : -EINVAL;
}
