/* SPDX-License-Identifier: MIT */
/*
 * Loads a module from a file: allocates memory for its parts, links them against the symbols that
 * the kernel exports (every global function and variable), and makes its functions symbols and its
 * sites records. module_elf.c checks the file's format. The parts:
 *
 *	text	execmem within branch reach of the kernel, written through an alias before it runs
 *	rodata	read-only once it is written
 *	data	read-write, with .bss
 */
#include <asm/memory.h>
#include "kernel/module/module_load.h"
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/kallsyms.h"
#include "kernel/kasan/kasan.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module_elf.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "kernel/trace_hooks.h"

#define FILE_MAX (32 << 20)
#define MODULE_NAME_MAX 56
#define WORD_MAX 256			/* of names and types, with their terminators */
#define FORMAT_MAX 4096
/* Free bytes before the first function and behind the last: the patcher reads around a site. */
#define TEXT_MARGIN 16

struct module_memory {
	char name[MODULE_NAME_MAX];
	void *text, *rodata, *data;
	size_t text_size, rodata_size, data_size;
	unsigned long *sites;		/* until the module is attached */
	unsigned int nr_sites;
	void *symbols;			/* memory of `table`: the entries, then their names */
	size_t symbols_size;
	struct ksym_table table;
	struct ksym_range range;
	struct ftrace_group *group;
	const struct jump_site *jumps;	/* in its rodata */
	unsigned int nr_jumps;
	struct jump_table *jump_table;
	struct trace_printk_site *prints;	/* in its data */
	unsigned int nr_prints;
	const void *prototypes;		/* in its rodata; NULL: it has none */
	bool attached;
};

/* --- The file --- */

static void *read_file(const char *path, size_t *size)
{
	struct file *file;
	struct stat st;
	void *data;
	int err = vfs_stat(path, &st);

	if (!err && S_ISDIR(st.mode))
		err = -EISDIR;
	if (!err && st.size > FILE_MAX)
		err = -EFBIG;
	if (err)
		return ERR_PTR(err);
	file = vfs_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return file;
	/*
	 * The file may shrink before it is read, so the size is what was read. At least one byte is
	 * allocated, because vmalloc(0) fails.
	 */
	*size = (size_t)st.size;
	data = vmalloc(max(*size, (size_t)1));
	if (!data) {
		data = ERR_PTR(-ENOMEM);
	} else {
		ssize_t got = vfs_read(file, data, *size);

		if (got < 0) {
			vfree(data);
			data = ERR_PTR(got);
		} else {
			*size = (size_t)got;
		}
	}
	vfs_close(file);
	return data;
}

/* --- Parts --- */

static int alloc_part(struct module_elf_part *part, void **memory)
{
	*memory = module_data_alloc(max(part->size, (size_t)1));
	part->buf = *memory;
	part->va = (unsigned long)*memory;
	return *memory ? 0 : -ENOMEM;
}

/* Text is assembled in a buffer; link_module() writes it to its place with arch_text_write(). */
static int alloc_parts(struct module_elf *elf, struct module_memory *m)
{
	struct module_elf_part *text = &elf->parts[MODULE_TEXT];
	struct module_elf_part *sites = &elf->parts[MODULE_SITES];

	m->text_size = text->size + 2 * TEXT_MARGIN;
	m->text = execmem_alloc(m->text_size);
	text->buf = vzalloc(max(text->size, (size_t)1));
	m->sites = vzalloc(max(sites->size, sizeof(*m->sites)));
	/* After an error, module_free() frees what was allocated so far. */
	if (!m->text || !text->buf || !m->sites)
		return -ENOMEM;
	text->va = (unsigned long)m->text + TEXT_MARGIN;
	sites->buf = (u8 *)m->sites;
	sites->va = (unsigned long)m->sites;
	m->nr_sites = (unsigned int)(sites->size / sizeof(*m->sites));
	m->rodata_size = elf->parts[MODULE_RODATA].size;
	m->data_size = elf->parts[MODULE_DATA].size;
	if (alloc_part(&elf->parts[MODULE_RODATA], &m->rodata))
		return -ENOMEM;
	return alloc_part(&elf->parts[MODULE_DATA], &m->data);
}

static bool resolve(const char *name, unsigned long *address, void *arg)
{
	return kallsyms_exported(name, address);
}

/* --- What the file says about itself: name, init, exit, parameters --- */

/*
 * @s if it is a terminated string in the module's constants or data, and shorter than @max bytes,
 * otherwise NULL. A string in the other parts would not do: the text is not in its place yet, and
 * the list of sites is not kept.
 */
static const char *own_string(const struct module_elf *elf, const char *s, size_t max)
{
	static const enum module_part parts[] = { MODULE_RODATA, MODULE_DATA };

	for (unsigned int i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct module_elf_part *part = &elf->parts[parts[i]];
		size_t at = (unsigned long)s - part->va, most = min(part->size - at, max);

		if (at < part->size && strnlen(s, most) < most)
			return s;
	}
	return NULL;
}

static bool callable(const struct module_elf *elf, unsigned long fn)
{
	return !(fn % ARCH_INSN_ALIGN) && module_elf_callable(elf, fn);
}

static bool good_name(const char *name)
{
	size_t len = 0;

	for (; name[len]; len++) {
		if (name[len] != '_' && name[len] != '-' && !isalnum(name[len]))
			return false;
	}
	return len && len < MODULE_NAME_MAX;
}

static const char *read_entries(struct module *mod, const struct module_elf *elf)
{
	const struct module_entry *entry;
	struct module_elf_table table;

	if (!module_elf_find(elf, ".module_table", &table))
		return "no module_init() in it: not a module";
	entry = (const struct module_entry *)table.va;
	/*
	 * There is an entry for init and one for exit, both with the name. They come from the file
	 * and are called or printed later, so everything in them is checked.
	 */
	for (size_t n = table.size / sizeof(*entry); n; n--, entry++) {
		const char *name = own_string(elf, entry->name, WORD_MAX);

		if (!name || !good_name(name))
			return "its name makes no sense";
		if ((entry->init && !callable(elf, (unsigned long)entry->init)) ||
		    (entry->exit && !callable(elf, (unsigned long)entry->exit)))
			return "its init or exit is no function in its text";
		strscpy(mod->memory->name, name, MODULE_NAME_MAX);
		if (entry->init)
			mod->init = entry->init;
		if (entry->exit)
			mod->exit = entry->exit;
	}
	return *mod->memory->name ? NULL : "its name makes no sense";
}

static const char *read_params(struct module *mod, const struct module_elf *elf)
{
	struct module_elf_table table;
	unsigned int i;

	if (!module_elf_find(elf, ".module_params", &table))
		return NULL;
	mod->params = (const struct module_param *)table.va;
	mod->nr_params = (unsigned int)(table.size / sizeof(*mod->params));
	for (i = 0; i < mod->nr_params; i++) {
		const struct module_param *p = &mod->params[i];

		/* Setting a parameter writes to its variable: that must be in the module's data. */
		if (!own_string(elf, p->module, WORD_MAX) ||
		    !own_string(elf, p->name, WORD_MAX) ||
		    !own_string(elf, p->type, WORD_MAX) || !module_param_size(p->type) ||
		    !module_elf_at(elf, (unsigned long)p->variable, module_param_size(p->type)) ||
		    (unsigned long)p->variable - (unsigned long)mod->memory->data >=
		    mod->memory->data_size)
			return "its parameters make no sense";
	}
	return NULL;
}

/* Find where the module prints into the trace. A format may be longer than a name. */
static const char *read_prints(struct module_memory *m, const struct module_elf *elf)
{
	struct module_elf_table table;

	if (!module_elf_find(elf, TRACE_PRINTK_SITES, &table))
		return NULL;
	/* The tracer writes to them. */
	if (table.va - (unsigned long)m->data >= m->data_size || table.va % sizeof(long))
		return "its places of trace_printk() are not in its data";
	m->prints = (struct trace_printk_site *)table.va;
	m->nr_prints = (unsigned int)(table.size / sizeof(*m->prints));
	for (unsigned int i = 0; i < m->nr_prints; i++)
		if (m->prints[i].fmt && !own_string(elf, m->prints[i].fmt, FORMAT_MAX))
			return "a format of trace_printk() makes no sense";
	return NULL;
}

/* Find the module's jump sites. What they say is checked when they are taken on. */
static const char *read_jumps(struct module_memory *m, const struct module_elf *elf)
{
	struct module_elf_table table;

	if (!module_elf_find(elf, JUMP_SITES, &table))
		return NULL;
	if (table.va - (unsigned long)m->rodata >= m->rodata_size || table.va % sizeof(long))
		return "its table of jump sites is not in its constants";
	m->jumps = (const struct jump_site *)table.va;
	m->nr_jumps = (unsigned int)(table.size / sizeof(*m->jumps));
	return NULL;
}

/* Find the prototypes of the module's functions, which print by them in a trace. */
static const char *read_prototypes(struct module_memory *m, const struct module_elf *elf)
{
	struct module_elf_table table;

	if (!module_elf_find(elf, TRACE_PROTOTYPES, &table))
		return NULL;
	/* It is read while the module is loaded, so nobody may write to it. */
	if (table.va - (unsigned long)m->rodata >= m->rodata_size ||
	    !trace_prototypes_valid((const void *)table.va, table.size))
		return "its table of prototypes makes no sense";
	m->prototypes = (const void *)table.va;
	return NULL;
}

/* Check that each site, with the bytes around it that the port reads, is in the module's text. */
static const char *check_sites(const struct module_memory *m)
{
	unsigned long start = (unsigned long)m->text;

	for (unsigned int i = 0; i < m->nr_sites; i++) {
		unsigned long at = m->sites[i] - start;

		if (at < TEXT_MARGIN || at > m->text_size - TEXT_MARGIN)
			return "a site is not in its text";
	}
	return NULL;
}

/* --- Symbols --- */

static int refuse(struct module_elf *elf, const char *why)
{
	strscpy(elf->error, why, sizeof(elf->error));
	return -ENOEXEC;
}

static int compare_offsets(const void *a, const void *b)
{
	u32 first = ((const struct ksym_entry *)a)->offset;
	u32 second = ((const struct ksym_entry *)b)->offset;

	return (first > second) - (first < second);
}

/* Chain the functions by their names: ksym_table tells how. */
static void chain_symbols(struct ksym_entry *entries, u32 *heads, const struct ksym_table *table)
{
	memset(heads, 0, table->nr_heads * sizeof(*heads));
	/* From the last to the first, so that of equal names the first is found first. */
	for (u32 n = table->nr; n; n--) {
		u32 *head = &heads[ksym_hash(entries[n - 1].name) & (table->nr_heads - 1)];

		entries[n - 1].next = *head;
		*head = n;
	}
}

static int make_symbols(struct module_memory *m, struct module_elf *elf)
{
	size_t names = 0;
	unsigned int nr = 0, nr_heads = 1;
	struct ksym_entry *entries;
	unsigned long va;
	const char *name;
	char *text;
	u32 *heads;

	for (u32 i = 1; i < elf->nr_symbols; i++) {
		if (!module_elf_function(elf, i, &name, &va))
			continue;
		/* Cutting it could make it equal to another function's name. */
		if (strnlen(name, KSYM_NAME_LEN) == KSYM_NAME_LEN)
			return refuse(elf, "the name of a function has more than 511 bytes");
		names += strlen(name) + 1;
		nr++;
	}
	while (nr_heads < nr)
		nr_heads *= 2;
	/* Entries, heads and names, which the first loop has counted, share one allocation. */
	m->symbols_size = nr * sizeof(*entries) + nr_heads * sizeof(*heads) + names;
	m->symbols = vmalloc(m->symbols_size);
	if (!m->symbols)
		return -ENOMEM;
	entries = m->symbols;
	heads = (u32 *)(entries + nr);
	text = (char *)(heads + nr_heads);
	m->table = (struct ksym_table){ 0, nr_heads, entries, heads };
	for (u32 i = 1; i < elf->nr_symbols; i++) {
		size_t room;

		if (!module_elf_function(elf, i, &name, &va))
			continue;
		room = strlen(name) + 1;
		memcpy(text, name, room);
		entries[m->table.nr++] = (struct ksym_entry){
			(u32)(va - (unsigned long)m->text), 0, 0, text
		};
		text += room;
	}
	sort(entries, nr, sizeof(*entries), compare_offsets, NULL);
	for (unsigned int i = 0; i < nr; i++) {
		/*
		 * The sizes in the file are ignored. A function ends where the next one starts, so
		 * that every address from the first function on belongs to one.
		 */
		size_t end = i + 1 < nr ? entries[i + 1].offset : m->text_size - TEXT_MARGIN;

		entries[i].size = (u32)(end - entries[i].offset);
	}
	chain_symbols(entries, heads, &m->table);
	return 0;
}

/* --- All of it --- */

static const char *read_tables(struct module *mod, const struct module_elf *elf)
{
	const char *wrong = read_entries(mod, elf);

	if (!wrong)
		wrong = read_params(mod, elf);
	if (!wrong)
		wrong = read_prints(mod->memory, elf);
	if (!wrong)
		wrong = read_prototypes(mod->memory, elf);
	if (!wrong)
		wrong = read_jumps(mod->memory, elf);
	return wrong ? wrong : check_sites(mod->memory);
}

/* With KASAN the compiler makes constructors, which run before anything else of the module. */
static bool construct(const struct module_elf *elf)
{
	struct module_elf_table table;

	if (!module_elf_find(elf, ".init_array", &table))
		return true;
	for (size_t at = 0; at < table.size; at += sizeof(unsigned long)) {
		if (!callable(elf, *(const unsigned long *)(table.va + at)))
			return false;
	}
	kasan_construct(table.va, table.size);
	return true;
}

static int link_module(struct module *mod, struct module_elf *elf)
{
	struct module_memory *m = mod->memory;
	const char *wrong;
	int err = alloc_parts(elf, m);

	if (!err)
		err = module_elf_link(elf, resolve, NULL);
	if (!err)
		err = arch_module_finish(elf);
	if (err)
		return err;
	/* The tables are read now, because only relocation has put addresses into them. */
	wrong = read_tables(mod, elf);
	if (wrong)
		return refuse(elf, wrong);
	err = make_symbols(m, elf);
	if (!err && m->nr_sites && !m->table.nr)
		return refuse(elf, "no symbols of functions: stripped?");
	if (!err && elf->parts[MODULE_TEXT].size)
		err = arch_text_write((char *)m->text + TEXT_MARGIN, elf->parts[MODULE_TEXT].buf,
				      elf->parts[MODULE_TEXT].size);
	if (err)
		return err;
	smp_sync_cores();	/* no CPU uses instructions that it fetched there earlier */
	if (KASAN && !construct(elf))
		return refuse(elf, "a constructor is no function in its text");
	module_data_seal(m->rodata);
	mod->name = m->name;
	mod->text = (unsigned long)m->text;
	mod->size = m->text_size + m->rodata_size + m->data_size;
	return 0;
}

static struct module *make_module(const void *file, size_t file_size, char *why, size_t size)
{
	struct module *mod = kzalloc(sizeof(*mod), GFP_KERNEL);
	struct module_elf elf;
	int err = -ENOMEM;

	if (!mod)
		return ERR_PTR(-ENOMEM);
	mod->memory = kzalloc(sizeof(*mod->memory), GFP_KERNEL);
	if (mod->memory)
		err = module_elf_open(&elf, file, file_size);
	if (!err) {
		err = link_module(mod, &elf);
		/* The text has been copied to its place, so its buffer is not needed any more. */
		vfree(elf.parts[MODULE_TEXT].buf);
		module_elf_close(&elf);
	}
	if (!err)
		return mod;
	/* Without mod->memory the file was not opened, and @elf was never filled in. */
	if (mod->memory && elf.error[0])
		strscpy(why, elf.error, size);
	module_free(mod);
	return ERR_PTR(err);
}

struct module *module_load(const char *path, char *why, size_t size)
{
	size_t file_size = 0;
	void *file = read_file(path, &file_size);
	struct module *mod;

	if (IS_ERR(file))
		return file;
	mod = make_module(file, file_size, why, size);
	vfree(file);
	return mod;
}

int module_attach(struct module *mod)
{
	struct module_memory *m = mod->memory;
	int err;

	m->range = (struct ksym_range){
		.start = (unsigned long)m->text, .size = m->text_size, .name = m->name,
		.module = m->name, .table = &m->table, .prototypes = m->prototypes,
	};
	/* Before the sites become known, because events and filters need their names. */
	kallsyms_add_range(&m->range);
	m->attached = true;
	err = trace_module_formats(m->prints, m->nr_prints);
	if (!err)
		err = ftrace_jumps_coming(m->jumps, m->nr_jumps, m->range.start,
					  m->range.start + m->text_size, (unsigned long)m->data,
					  (unsigned long)m->data + m->data_size, &m->jump_table);
	if (!err)
		err = ftrace_module_coming(m->name, m->sites, m->nr_sites, &m->group);
	vfree(m->sites);
	m->sites = NULL;
	return err;
}

bool module_detach(struct module *mod)
{
	struct module_memory *m = mod->memory;
	unsigned long text = (unsigned long)m->text, data = (unsigned long)m->data;

	if (!m->attached)
		return true;
	tracepoint_module_stop(m->name, text, text + m->text_size);
	tracepoint_module_stop(m->name, data, data + m->data_size);
	/* Callbacks first: while one is registered, a site anywhere may call into this text. */
	if (!fprobe_module_stop(m->name, text, text + m->text_size) ||
	    !fprobe_module_stop(m->name, data, data + m->data_size) ||
	    !ftrace_graph_module_stop(m->name, text, text + m->text_size) ||
	    !ftrace_graph_module_stop(m->name, data, data + m->data_size) ||
	    !ftrace_module_stop_ops(m->name, text, text + m->text_size) ||
	    !ftrace_module_stop_ops(m->name, data, data + m->data_size)) {
		pr_err("%s: its memory is kept, because it is still registered with the tracer\n",
		       m->name);
		return false;
	}
	if (!ftrace_module_going(m->group, text, text + m->text_size)) {
		pr_err("%s: its memory is kept, because a thread still runs its code\n", m->name);
		return false;
	}
	m->group = NULL;
	ftrace_jumps_going(m->jump_table);
	m->jump_table = NULL;
	/* Last, because the reports of the steps before use the names. */
	kallsyms_remove_range(&m->range);
	return true;
}

void module_free(struct module *mod)
{
	struct module_memory *m = mod->memory;

	if (m) {
		execmem_free(m->text, m->text_size);
		module_data_free(m->rodata);
		module_data_free(m->data);
		vfree(m->sites);
		vfree(m->symbols);
		kfree(m);
	}
	module_free_params(mod);
	kfree(mod);
}
