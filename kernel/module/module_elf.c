/* SPDX-License-Identifier: MIT */
/*
 * Reads a module's file; see kernel/module/module_elf.h. Structures are copied out of the file
 * before use, because they need not be aligned there. Offsets and sizes are compared in ways that
 * cannot overflow.
 */
#include "kernel/module/module_elf.h"
#include "kernel/arch.h"
#include "kernel/compiler.h"
#include "kernel/lib/elf.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"

#define SIZE_LIMIT (16u << 20)		/* for each part: the sum of its sections */
#define ALIGN_LIMIT PAGE_SIZE
/* The alignment of text sections, which the literals before functions' entries need. */
#define TEXT_ALIGN 16

#define refuse(elf, fmt, args...) \
	(snprintf((elf)->error, sizeof((elf)->error), fmt, ##args), -ENOEXEC)

static bool in_file(const struct module_elf *elf, u64 offset, u64 size)
{
	return offset <= elf->size && size <= elf->size - offset;
}

static struct elf_section section_at(const struct module_elf *elf, u32 index)
{
	struct elf_header header;
	struct elf_section section;

	memcpy(&header, elf->file, sizeof(header));
	memcpy(&section, elf->file + header.shoff + (size_t)index * sizeof(section),
	       sizeof(section));
	return section;
}

static struct elf_symbol symbol_at(const struct module_elf *elf, u32 index)
{
	const struct elf_section symtab = section_at(elf, elf->symtab);
	struct elf_symbol symbol;

	memcpy(&symbol, elf->file + symtab.offset + (size_t)index * sizeof(symbol), sizeof(symbol));
	return symbol;
}

/* A section's name for messages, also for a section that was not checked yet. */
static const char *section_name(const struct module_elf *elf, const struct elf_section *section)
{
	return section->name < elf->names_size ? elf->names + section->name : "?";
}

static const char *symbol_name(const struct module_elf *elf, const struct elf_symbol *symbol)
{
	return symbol->name < elf->strings_size ? elf->strings + symbol->name : "?";
}

static int check_header(struct module_elf *elf)
{
	static const u8 magic[4] = { 0x7f, 'E', 'L', 'F' };
	struct elf_header h;

	if (elf->size < sizeof(magic) || memcmp(elf->file, magic, sizeof(magic)))
		return refuse(elf, "not an ELF file");
	if (elf->size < sizeof(h))
		return refuse(elf, "truncated: not even a whole ELF header");
	memcpy(&h, elf->file, sizeof(h));
	if (h.ident[4] != ELF_CLASS || h.ident[5] != ELFDATA2LSB || h.machine != ELF_MACHINE)
		return refuse(elf, "for another machine (ELF machine %u, %s-bit), not for %s",
			      h.machine, h.ident[4] == ELFCLASS64 ? "64" : "32", ELF_MACHINE_NAME);
	if (h.type != ET_REL)
		return refuse(elf, "ELF type %u, not a relocatable file (type 1, from cc -c)",
			      h.type);
	/* Everything that follows reads section headers, so all of them must be in the file. */
	if (h.shentsize != sizeof(struct elf_section) || !h.shnum)
		return refuse(elf, "no section headers of the right size");
	if (!in_file(elf, h.shoff, (u64)h.shnum * sizeof(struct elf_section)))
		return refuse(elf, "truncated: section headers end behind the file");
	if (h.shstrndx >= h.shnum)
		return refuse(elf, "no section names");
	elf->nr_sections = h.shnum;
	return 0;
}

/* Check string table @index. It must end with a NUL: then every string in it does. */
static int string_table(struct module_elf *elf, u32 index, const char **strings, size_t *size)
{
	struct elf_section s;

	if (index >= elf->nr_sections)
		return refuse(elf, "string table %u is not there", index);
	s = section_at(elf, index);
	if (s.type != SHT_STRTAB || !s.size || !in_file(elf, s.offset, s.size) ||
	    elf->file[s.offset + s.size - 1])
		return refuse(elf, "section %u is no string table", index);
	*strings = (const char *)elf->file + s.offset;
	*size = (size_t)s.size;
	return 0;
}

static enum module_part part_of(const struct module_elf *elf, const struct elf_section *s)
{
	const char *name = section_name(elf, s);

	if (!strcmp(name, "__mcount_loc") || !strcmp(name, "__patchable_function_entries"))
		return MODULE_SITES;
	if (s->flags & SHF_EXECINSTR)
		return MODULE_TEXT;
	return s->flags & SHF_WRITE ? MODULE_DATA : MODULE_RODATA;
}

static int place_section(struct module_elf *elf, u32 index, const struct elf_section *s)
{
	struct module_elf_place *place = &elf->places[index];
	size_t align = s->addralign ? (size_t)s->addralign : 1;
	struct module_elf_part *part;

	if (s->addralign & (s->addralign - 1) || s->addralign > ALIGN_LIMIT)
		return refuse(elf, "section %.40s: alignment 0x%llx", section_name(elf, s),
			      (unsigned long long)s->addralign);
	if ((s->flags & SHF_WRITE && s->flags & SHF_EXECINSTR) || s->flags & SHF_TLS)
		return refuse(elf, "section %.40s: %s", section_name(elf, s), s->flags & SHF_TLS ?
			      "thread-local data" : "writable and executable");
	if (s->flags & SHF_EXECINSTR && s->type == SHT_NOBITS)
		return refuse(elf, "section %.40s: executable, but without contents",
			      section_name(elf, s));
	if (!strcmp(section_name(elf, s), "__ex_table") && s->size)
		return refuse(elf, "fault fixups (__ex_table) are not for modules");
	/* The sections of a part follow each other, each with its alignment. */
	place->part = part_of(elf, s);
	part = &elf->parts[place->part];
	if (place->part == MODULE_TEXT)
		align = max(align, (size_t)TEXT_ALIGN);
	/* The first test keeps the sum in the second one from overflowing. */
	if (s->size > SIZE_LIMIT || ALIGN_UP(part->size, align) + s->size > SIZE_LIMIT)
		return refuse(elf, "section %.40s: too large", section_name(elf, s));
	place->offset = ALIGN_UP(part->size, align);
	place->loaded = true;
	part->size = place->offset + (size_t)s->size;
	return 0;
}

static int check_symtab(struct module_elf *elf, u32 index, const struct elf_section *s)
{
	if (elf->symtab)
		return refuse(elf, "two symbol tables");
	if (s->entsize != sizeof(struct elf_symbol) || s->size % sizeof(struct elf_symbol))
		return refuse(elf, "the symbol table's entries have the wrong size");
	elf->symtab = index;
	elf->nr_symbols = (u32)(s->size / sizeof(struct elf_symbol));
	return string_table(elf, s->link, &elf->strings, &elf->strings_size);
}

static int check_section(struct module_elf *elf, u32 index)
{
	const struct elf_section s = section_at(elf, index);

	if (s.name >= elf->names_size)
		return refuse(elf, "section %u: its name is not in the file", index);
	if (s.type != SHT_NOBITS && !in_file(elf, s.offset, s.size))
		return refuse(elf, "truncated: section %.40s ends behind the file",
			      section_name(elf, &s));
	if (s.type == SHT_SYMTAB)
		return check_symtab(elf, index, &s);
	if (s.flags & SHF_ALLOC && s.size)
		return place_section(elf, index, &s);
	return 0;
}

/* Is @reloc, a relocation of text, a call of mcount, and so a site? */
static bool makes_site(const struct module_elf *elf, const struct elf_reloc *reloc)
{
	struct elf_symbol symbol;

	if (ELF_R_SYM(reloc->info) >= elf->nr_symbols)
		return false;
	symbol = symbol_at(elf, ELF_R_SYM(reloc->info));
	return symbol.shndx == SHN_UNDEF &&
	       arch_module_site(ELF_R_TYPE(reloc->info), symbol_name(elf, &symbol));
}

static bool is_text(const struct module_elf *elf, u32 index)
{
	return index < elf->nr_sections && elf->places[index].loaded &&
	       elf->places[index].part == MODULE_TEXT;
}

/*
 * Reserve room for the sites that are found by relocations, behind those that the compiler listed.
 */
static void place_sites(struct module_elf *elf)
{
	struct module_elf_part *part = &elf->parts[MODULE_SITES];
	struct elf_reloc reloc;
	size_t nr = 0;

	for (u32 i = 1; i < elf->nr_sections; i++) {
		const struct elf_section s = section_at(elf, i);

		if (s.type != ELF_RELOC_SECTION || !is_text(elf, s.info))
			continue;
		/* apply_reloc() adds sites by the same test, so there is room for all of them. */
		for (size_t at = 0; at + sizeof(reloc) <= s.size; at += sizeof(reloc)) {
			memcpy(&reloc, elf->file + s.offset + at, sizeof(reloc));
			nr += makes_site(elf, &reloc);
		}
	}
	elf->next_site = ALIGN_UP(part->size, sizeof(unsigned long));
	if (nr)
		part->size = elf->next_site + nr * sizeof(unsigned long);
}

/*
 * Reserve room for veneers (stubs for branches that do not reach their target): one for each symbol
 * that the kernel is to define.
 */
static int place_veneers(struct module_elf *elf)
{
	struct module_elf_part *text = &elf->parts[MODULE_TEXT];
	size_t nr = 0;

	if (!ELF_HAS_VENEERS || !text->size)
		return 0;
	for (u32 i = 1; i < elf->nr_symbols; i++)
		nr += symbol_at(elf, i).shndx == SHN_UNDEF;
	elf->veneers = elf->next_veneer = ALIGN_UP(text->size, (size_t)MODULE_VENEER_SIZE);
	if (nr > (SIZE_LIMIT - elf->veneers) / MODULE_VENEER_SIZE)
		return refuse(elf, "too many symbols");
	text->size = elf->veneers + nr * MODULE_VENEER_SIZE;
	return 0;
}

static void add_site(struct module_elf *elf, unsigned long va)
{
	memcpy(elf->parts[MODULE_SITES].buf + elf->next_site, &va, sizeof(va));
	elf->next_site += sizeof(va);
}

int module_elf_open(struct module_elf *elf, const void *file, size_t size)
{
	struct elf_header header;
	int err;

	memset(elf, 0, sizeof(*elf));
	elf->file = file;
	elf->size = size;
	err = check_header(elf);
	if (err)
		return err;
	memcpy(&header, file, sizeof(header));
	/* Section names come first, because the messages about sections need them. */
	err = string_table(elf, header.shstrndx, &elf->names, &elf->names_size);
	if (err)
		return err;
	elf->places = kcalloc(elf->nr_sections, sizeof(*elf->places), GFP_KERNEL);
	if (!elf->places)
		return -ENOMEM;
	for (u32 i = 1; i < elf->nr_sections && !err; i++)
		err = check_section(elf, i);
	if (!err && !elf->symtab)
		err = refuse(elf, "no symbol table: stripped?");
	if (!err) {
		/* After all sections are placed, because sites and veneers go behind them. */
		place_sites(elf);
		err = place_veneers(elf);
	}
	if (err)
		module_elf_close(elf);
	return err;
}

void module_elf_close(struct module_elf *elf)
{
	kfree(elf->places);
	elf->places = NULL;
}

static void copy_sections(struct module_elf *elf)
{
	for (u32 i = 1; i < elf->nr_sections; i++) {
		const struct module_elf_place *place = &elf->places[i];
		const struct elf_section s = section_at(elf, i);

		if (place->loaded && s.type != SHT_NOBITS)
			memcpy(elf->parts[place->part].buf + place->offset, elf->file + s.offset,
			       (size_t)s.size);
	}
}

static unsigned long section_va(const struct module_elf *elf, u32 index)
{
	const struct module_elf_place *place = &elf->places[index];

	return elf->parts[place->part].va + place->offset;
}

/* Store the address of symbol @index in *@value: 0, -ENOENT or -ENOEXEC. */
static int symbol_value(struct module_elf *elf, u32 index, unsigned long *value,
			module_resolve_t resolve, void *arg)
{
	const struct elf_symbol symbol = symbol_at(elf, index);
	const char *name = symbol_name(elf, &symbol);

	if (symbol.shndx == SHN_UNDEF) {
		*value = 0;
		/* Symbol 0 means "no symbol", and a weak one need not exist: their value is 0. */
		if (!index || (resolve(name, value, arg) && *value) || symbol.info >> 4 == STB_WEAK)
			return 0;
		snprintf(elf->error, sizeof(elf->error), "unknown symbol %.64s%s", name,
			 strlen(name) > 64 ? "..." : "");
		return -ENOENT;
	}
	*value = (unsigned long)symbol.value;
	if (symbol.shndx == SHN_ABS)
		return 0;
	if (symbol.shndx == SHN_COMMON)
		return refuse(elf, "common symbol %.64s: compile with -fno-common", name);
	if (symbol.shndx >= elf->nr_sections)
		return refuse(elf, "symbol %.64s is in section %u, which is not there", name,
			      symbol.shndx);
	/* An empty section is not loaded, but a symbol may still name its start. */
	if (elf->places[symbol.shndx].loaded)
		*value += section_va(elf, symbol.shndx);
	else if (section_at(elf, symbol.shndx).size)
		return refuse(elf, "symbol %.64s is in a section that is not loaded", name);
	return 0;
}

/*
 * The address of a veneer with the code @veneer, which all branches to one target share. Makes it
 * if there is none; 0 if there is no room for it.
 */
static unsigned long find_veneer(struct module_elf *elf, const u8 *veneer)
{
	struct module_elf_part *text = &elf->parts[MODULE_TEXT];
	size_t at = elf->veneers;

	while (at < elf->next_veneer && memcmp(text->buf + at, veneer, MODULE_VENEER_SIZE))
		at += MODULE_VENEER_SIZE;
	/* place_veneers() counted one per symbol; each further addend to a symbol needs another. */
	if (at + MODULE_VENEER_SIZE > text->size)
		return 0;
	if (at == elf->next_veneer) {
		memcpy(text->buf + at, veneer, MODULE_VENEER_SIZE);
		elf->next_veneer += MODULE_VENEER_SIZE;
	}
	return text->va + at;
}

static int apply_reloc(struct module_elf *elf, const struct elf_section *target, u32 index,
		       const struct elf_reloc *reloc, module_resolve_t resolve, void *arg)
{
	const struct module_elf_place *place = &elf->places[index];
	const char *where = section_name(elf, target);
	u8 *buf = elf->parts[place->part].buf + place->offset;
	u32 type = ELF_R_TYPE(reloc->info), symbol = ELF_R_SYM(reloc->info);
	u8 veneer[MODULE_VENEER_SIZE];
	unsigned long value, va = section_va(elf, index) + (unsigned long)reloc->offset;
	s64 addend = 0;
	int err;

	/* Both numbers come from the file and are used as indexes below, so they are checked. */
	if (symbol >= elf->nr_symbols)
		return refuse(elf, "relocation of %.40s: symbol %u is not there", where, symbol);
	if (reloc->offset >= target->size)
		return refuse(elf, "relocation of %.40s: behind its end", where);
#if ELF_CLASS == ELFCLASS64
	addend = reloc->addend;
#endif
	err = symbol_value(elf, symbol, &value, resolve, arg);
	if (err)
		return err;
	err = arch_module_relocate(type, buf + reloc->offset,
				   (size_t)(target->size - reloc->offset), va, value, addend);
	/*
	 * A branch that does not reach its target goes to a veneer in the module, on a port that
	 * has them. The addend is part of the veneer's target, so the branch to it has none.
	 */
	if (err == -ERANGE && is_text(elf, index) &&
	    arch_module_veneer(type, (u64)value + (u64)addend, veneer)) {
		value = find_veneer(elf, veneer);
		if (value)
			err = arch_module_relocate(type, buf + reloc->offset, sizeof(u32), va,
						   value, 0);
	}
	if (err == -EINVAL)
		return refuse(elf, "relocation of %.40s: type %u is not supported", where, type);
	if (err == -ERANGE)
		return refuse(elf, "relocation of %.40s: type %u does not reach its symbol", where,
			      type);
	if (err)
		return refuse(elf, "relocation of %.40s: behind its end", where);
	if (is_text(elf, index) && makes_site(elf, reloc))
		add_site(elf, va);
	return 0;
}

static int apply_section(struct module_elf *elf, u32 index, module_resolve_t resolve, void *arg)
{
	const struct elf_section s = section_at(elf, index);
	struct elf_section target;
	struct elf_reloc reloc;
	int err = 0;

	if (s.type != SHT_REL && s.type != SHT_RELA)
		return 0;
	if (!s.info || s.info >= elf->nr_sections)
		return refuse(elf, "relocations of section %u, which is not there", s.info);
	if (!elf->places[s.info].loaded)
		return 0;		/* relocations of debug information, for example */
	target = section_at(elf, s.info);
	/* A machine uses either REL or RELA, and the other one would be read wrongly. */
	if (s.type != ELF_RELOC_SECTION || s.entsize != sizeof(reloc) || s.size % sizeof(reloc))
		return refuse(elf, "relocations of %.40s have the wrong format",
			      section_name(elf, &target));
	if (s.link != elf->symtab || target.type == SHT_NOBITS)
		return refuse(elf, "relocations of %.40s make no sense",
			      section_name(elf, &target));
	for (size_t at = 0; at < s.size && !err; at += sizeof(reloc)) {
		memcpy(&reloc, elf->file + s.offset + at, sizeof(reloc));
		err = apply_reloc(elf, &target, s.info, &reloc, resolve, arg);
	}
	return err;
}

int module_elf_link(struct module_elf *elf, module_resolve_t resolve, void *arg)
{
	int err = 0;

	copy_sections(elf);
	for (u32 i = 1; i < elf->nr_sections && !err; i++)
		err = apply_section(elf, i, resolve, arg);
	return err;
}

bool module_elf_find(const struct module_elf *elf, const char *name,
		     struct module_elf_table *table)
{
	for (u32 i = 1; i < elf->nr_sections; i++) {
		struct elf_section s;

		/* Most sections are of text, one for each function, and none of them is a table. */
		if (!elf->places[i].loaded || elf->places[i].part == MODULE_TEXT)
			continue;
		s = section_at(elf, i);
		if (!strcmp(section_name(elf, &s), name)) {
			table->va = section_va(elf, i);
			table->size = (size_t)s.size;
			return true;
		}
	}
	return false;
}

void *module_elf_at(const struct module_elf *elf, unsigned long va, size_t size)
{
	for (unsigned int i = 0; i < NR_MODULE_PARTS; i++) {
		const struct module_elf_part *part = &elf->parts[i];

		if (part->buf && va >= part->va && va - part->va <= part->size &&
		    size <= part->size - (va - part->va))
			return part->buf + (va - part->va);
	}
	return NULL;
}

bool module_elf_function(const struct module_elf *elf, u32 index, const char **name,
			 unsigned long *va)
{
	const struct elf_symbol symbol = symbol_at(elf, index);
	const struct module_elf_part *text = &elf->parts[MODULE_TEXT];
	unsigned long at;

	if ((symbol.info & 15) != STT_FUNC || symbol.shndx >= elf->nr_sections ||
	    !elf->places[symbol.shndx].loaded || elf->places[symbol.shndx].part != MODULE_TEXT)
		return false;
	/* The value comes from the file and may point anywhere; it is checked below. */
	at = elf->places[symbol.shndx].offset + (size_t)symbol.value;
	*name = symbol_name(elf, &symbol);
	*va = text->va + at;
	return at < text->size && **name;
}

bool module_elf_in_code(const struct module_elf *elf, unsigned long va)
{
	for (u32 i = 1; i < elf->nr_sections; i++) {
		if (is_text(elf, i) && va - section_va(elf, i) < section_at(elf, i).size)
			return true;
	}
	return false;
}

bool module_elf_callable(const struct module_elf *elf, unsigned long va)
{
	unsigned long start;
	const char *name;

	/* The text part also has padding and veneers, but those are in no section. */
	if (!module_elf_in_code(elf, va))
		return false;
	for (u32 i = 1; i < elf->nr_symbols; i++) {
		if (module_elf_function(elf, i, &name, &start) && va > start &&
		    va - start < symbol_at(elf, i).size)
			return false;
	}
	return true;
}
