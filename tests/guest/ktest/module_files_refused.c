/* SPDX-License-Identifier: MIT */
/*
 * Files that are no module, or a damaged one: each is refused with a reason, and nothing is left of
 * it. They are made of a sound module.
 */
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/elf.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/module_files.h"
#include "trace/core/site_info.h"

static void refuse(struct ktest *t, const char *path, const void *data, size_t size)
{
	struct file *file = vfs_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_write(file, data, size), size);
	vfs_close(file);
	*module_why = '\0';
	KT_EXPECT(t, module_insert(path, 0, NULL, module_why, sizeof(module_why)) < 0);
	KT_EXPECT(t, *module_why != '\0');
	KT_EXPECT_EQ(t, vfs_unlink(path), 0);
}

static char data[65536];

static const struct elf_section *find_section(const char *wanted)
{
	const struct elf_header *header = (const struct elf_header *)data;
	const struct elf_section *s = (const struct elf_section *)(data + header->shoff);

	for (unsigned int i = 1; i < header->shnum; i++) {
		if (!strcmp(data + s[header->shstrndx].offset + s[i].name, wanted))
			return &s[i];
	}
	return NULL;
}

/* Makes the first relocation of .module_table for a function point @distance bytes further. */
static void move_entry(struct ktest *t, long distance)
{
	const struct elf_section *table = find_section(".module_table");
	const struct elf_section *relocs = find_section(ELF_RELOC_SECTION == SHT_REL ?
						       ".rel.module_table" : ".rela.module_table");
	struct elf_reloc *reloc;

	KT_ASSERT(t, table && relocs && relocs->size >= 2 * sizeof(*reloc));
	reloc = (struct elf_reloc *)(data + relocs->offset) + 1;
#if ELF_CLASS == ELFCLASS64
	reloc->addend += distance;
#else
	*(u32 *)(data + table->offset + reloc->offset) += (u32)distance;
#endif
}

/*
 * An init that points into a function, between functions, into the module's data or into the kernel
 * is refused.
 */
KTEST(module_files, init_that_is_no_function)
{
	static const long distances[] = { 1, 2, 4, 0x2000, -0x2000, 0x8000000 };
	static const char copy[] = "/tmp/moved.ko";
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (unsigned int i = 0; i < ARRAY_SIZE(distances); i++) {
		size = file_read(KTEST_MODULE, data, sizeof(data));
		KT_ASSERT(t, size > 1000);
		move_entry(t, distances[i]);
		refuse(t, copy, data, (size_t)size);
		KT_EXPECT_STREQ(t, module_why, "its init or exit is no function in its text");
	}
}

/*
 * A linker needs only the symbols of sections, so some tools remove the others. Then nothing could
 * be traced.
 */
KTEST(module_files, functions_without_symbols)
{
	const struct elf_section *symtab;
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	symtab = find_section(".symtab");
	KT_ASSERT(t, symtab);
	for (size_t at = 0; at < symtab->size; at += sizeof(struct elf_symbol)) {
		struct elf_symbol *symbol = (struct elf_symbol *)(data + symtab->offset + at);

		if ((symbol->info & 15) == STT_FUNC)
			symbol->info &= 0xf0;
	}
	refuse(t, "/tmp/stripped.ko", data, (size_t)size);
	KT_EXPECT_STREQ(t, module_why, "no symbols of functions: stripped?");
}

/* A name that is one byte too long. It goes on where the longest possible name ended. */
KTEST(module_files, name_that_is_too_long)
{
	const struct elf_section *strings;
	ssize_t size;
	char *name;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	strings = find_section(".strtab");
	KT_ASSERT(t, strings);
	name = data + strings->offset;
	while (name < data + strings->offset + strings->size && strlen(name) < KSYM_NAME_LEN - 1)
		name += strlen(name) + 1;
	KT_ASSERT(t, name + KSYM_NAME_LEN < data + strings->offset + strings->size);
	name[KSYM_NAME_LEN - 1] = 'x';
	refuse(t, "/tmp/long.ko", data, (size_t)size);
	KT_EXPECT_STREQ(t, module_why, "the name of a function has more than 511 bytes");
}

/*
 * A file that is cut short or made for another machine causes no crash and no leak, and loads no
 * module; the log gives a reason.
 */
KTEST(module_files, damaged_files)
{
	static const char copy[] = "/tmp/damaged.ko";
	unsigned int sites = ftrace_nr_sites(), round, i;
	unsigned long before = 0;
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	for (round = 0; round < 3; round++) {
		if (round == 1)
			before = kt_used_pages();	/* slabs have all that they keep by now */
		for (i = 0; i < 20; i++)
			refuse(t, copy, data, (size_t)size * i / 20);
		data[18] ^= 0x40;		/* e_machine */
		refuse(t, copy, data, (size_t)size);
		data[18] ^= 0x40;
	}
	KT_EXPECT_EQ(t, kt_used_pages(), before);
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
}
