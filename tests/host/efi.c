/* SPDX-License-Identifier: MIT */
/*
 * Being started by UEFI (boot/efi*.c), on a firmware that is played here: it can have little
 * memory, no tree, an initrd in each of the two ways or a broken one, and refuse to let go. What it
 * has given out must be given back when the kernel cannot run, and calls in a wrong order fail.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "tests/host/tap.h"
#include <stdlib.h>

#define DESCRIPTOR_SIZE 48		/* as real firmware has it: larger than the structure */
#define MAX_DESCRIPTORS 100
#define FILE_SIZE 5000u
#define MEMORY_SIZE 20000u
#define HANDOFF_AT 1024u

static struct {
	char console[2000];
	u64 pages_left, pages_given;
	unsigned int pools_given, nr_given;
	void *given[8];			/* what is to be freed before the next start */
	u64 key;			/* of the newest list of memory */
	unsigned int refusals;		/* so often the list changes just before it lets go */
	bool refused, gone;
	struct efi_memory_descriptor map[MAX_DESCRIPTORS];
	unsigned int nr_descriptors;
	const char *offered;		/* the initrd that it offers */
	bool offered_breaks;
	const char *file;		/* the one file on the device, initrd.img */
	u64 position;
} firmware;

static char image[FILE_SIZE + sizeof(struct efi_handoff)];
static struct efi_loaded_image loaded;
static struct efi_launch launch;
static u16 options[3000];
static char tree[8];

static efi_status output_string(struct efi_text_output *self, u16 *text)
{
	size_t len = strlen(firmware.console);

	EXPECT(!firmware.gone);
	for (; *text && len + 1 < sizeof(firmware.console); text++)
		firmware.console[len++] = (char)*text;
	firmware.console[len] = '\0';
	return EFI_SUCCESS;
}

static efi_status allocate_pages(int how, u32 type, u64 nr, u64 *address)
{
	void *pages;

	EXPECT(!firmware.gone && !firmware.refused && nr);
	if (nr > firmware.pages_left || posix_memalign(&pages, EFI_PAGE_SIZE, nr * EFI_PAGE_SIZE))
		return EFI_OUT_OF_RESOURCES;
	memset(pages, 0x5a, nr * EFI_PAGE_SIZE);
	firmware.given[firmware.nr_given++] = pages;
	firmware.pages_left -= nr;
	firmware.pages_given += nr;
	firmware.key++;
	*address = (unsigned long)pages;
	return EFI_SUCCESS;
}

static efi_status free_pages(u64 address, u64 nr)
{
	EXPECT(!firmware.gone);
	firmware.pages_given -= nr;
	firmware.pages_left += nr;
	firmware.key++;
	return EFI_SUCCESS;
}

static efi_status allocate_pool(u32 type, u64 size, void **buffer)
{
	EXPECT(!firmware.gone && !firmware.refused);
	*buffer = malloc(size);
	firmware.given[firmware.nr_given++] = *buffer;
	firmware.pools_given++;
	firmware.key++;
	return EFI_SUCCESS;
}

static efi_status free_pool(void *buffer)
{
	firmware.pools_given--;
	return EFI_SUCCESS;
}

static efi_status get_memory_map(u64 *size, void *map, u64 *key, u64 *descriptor_size,
				 u32 *version)
{
	u64 needed = firmware.nr_descriptors * DESCRIPTOR_SIZE, room = *size;

	EXPECT(!firmware.gone);
	*size = needed;
	*descriptor_size = DESCRIPTOR_SIZE;
	*version = 1;
	if (room < needed)
		return EFI_BUFFER_TOO_SMALL;
	for (unsigned int i = 0; i < firmware.nr_descriptors; i++)
		memcpy((char *)map + i * DESCRIPTOR_SIZE, &firmware.map[i],
		       sizeof(firmware.map[i]));
	*key = firmware.key;
	return EFI_SUCCESS;
}

static efi_status exit_boot_services(efi_handle self, u64 key)
{
	EXPECT(self == &loaded);
	if (firmware.refusals) {
		firmware.refusals--;
		firmware.key++;
	}
	if (key != firmware.key) {
		firmware.refused = true;
		return EFI_INVALID_PARAMETER;
	}
	firmware.gone = true;
	return EFI_SUCCESS;
}

static efi_status load_offered(struct efi_load_file *self, void *path, u8 policy, u64 *size,
			       void *buffer)
{
	u64 room = *size;

	*size = strlen(firmware.offered);
	if (!*size)
		return EFI_SUCCESS;
	if (!buffer || room < *size)
		return EFI_BUFFER_TOO_SMALL;
	if (firmware.offered_breaks)
		return EFI_LOAD_ERROR;
	memcpy(buffer, firmware.offered, *size);
	return EFI_SUCCESS;
}

static struct efi_load_file load_file = { load_offered };

static efi_status open_file(struct efi_file *self, struct efi_file **file, u16 *name, u64 mode,
			    u64 attributes)
{
	static const u16 expected[] = u"\\initrd.img";

	if (!firmware.file || memcmp(name, expected, sizeof(expected)))
		return EFI_NOT_FOUND;
	*file = self;
	return EFI_SUCCESS;
}

static efi_status close_file(struct efi_file *self)
{
	return EFI_SUCCESS;
}

/* In small pieces, as a device may. */
static efi_status read_file(struct efi_file *self, u64 *size, void *buffer)
{
	*size = min3(*size, (u64)4, strlen(firmware.file) - firmware.position);
	memcpy(buffer, firmware.file + firmware.position, *size);
	firmware.position += *size;
	return EFI_SUCCESS;
}

static efi_status get_position(struct efi_file *self, u64 *position)
{
	*position = firmware.position;
	return EFI_SUCCESS;
}

static efi_status set_position(struct efi_file *self, u64 position)
{
	firmware.position = position == EFI_FILE_END ? strlen(firmware.file) : position;
	return EFI_SUCCESS;
}

static struct efi_file root = {
	.open = open_file, .close = close_file, .read = read_file, .get_position = get_position,
	.set_position = set_position,
};

static efi_status open_volume(struct efi_file_system *self, struct efi_file **file)
{
	*file = &root;
	return EFI_SUCCESS;
}

static struct efi_file_system file_system = { .open_volume = open_volume };

/* The first byte tells the protocols apart. */
static efi_status handle_protocol(efi_handle handle, const struct efi_guid *protocol,
				  void *interface)
{
	void *found = NULL;

	if (protocol->bytes[0] == 0xa1 && handle == &loaded)
		found = &loaded;
	else if (protocol->bytes[0] == 0xc1 && handle == &load_file)
		found = &load_file;
	else if (protocol->bytes[0] == 0x22 && handle == &file_system && firmware.file)
		found = &file_system;
	if (!found)
		return EFI_NOT_FOUND;
	*(void **)interface = found;
	return EFI_SUCCESS;
}

static efi_status locate_device_path(const struct efi_guid *protocol, void **path,
				     efi_handle *handle)
{
	static const u8 guid[] = { 0x27, 0xe4, 0x68, 0x55 };

	EXPECT(!memcmp((u8 *)*path + 4, guid, sizeof(guid)));
	if (!firmware.offered)
		return EFI_NOT_FOUND;
	*handle = &load_file;
	return EFI_SUCCESS;
}

static struct efi_boot_services services = {
	.allocate_pages = allocate_pages, .free_pages = free_pages,
	.allocate_pool = allocate_pool, .free_pool = free_pool,
	.get_memory_map = get_memory_map, .handle_protocol = handle_protocol,
	.locate_device_path = locate_device_path, .exit_boot_services = exit_boot_services,
};
static struct efi_text_output output = { .output_string = output_string };
#define XSDT_SIZE (36 + 2 * 8)
#define SPCR_SIZE 80
/* Behind each table there is memory, which a wrong length may reach. */
static u8 rsdp[36], xsdt[4096], other_table[4096], spcr[4096];
static struct efi_configuration_table tables[] = {
	{ { { 1 } }, NULL },
	{ { { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c,
	      0x88, 0x81 } }, rsdp },
	{ { { 0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69,
	      0xaa, 0xe0 } }, tree },
};
static struct efi_system_table system_table = {
	.output = &output, .boot_services = &services, .nr_tables = 3, .tables = tables,
};

static void add_descriptor(u32 type, u64 start, u64 nr_pages, u64 attribute)
{
	firmware.map[firmware.nr_descriptors++] = (struct efi_memory_descriptor){
		.type = type, .physical_start = start, .nr_pages = nr_pages, .attribute = attribute,
	};
}

static void set_options(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i <= len; i++)
		options[i] = (u8)text[i];
	loaded.options = options;
	loaded.options_size = (u32)(2 * len + 2);
}

/* A firmware with which all goes well. */
static void build_firmware(void)
{
	while (firmware.nr_given)
		free(firmware.given[--firmware.nr_given]);
	memset(&firmware, 0, sizeof(firmware));
	firmware.pages_left = 10000;
	add_descriptor(EFI_CONVENTIONAL, 0x40000000, 16, EFI_MEMORY_WB);
	loaded = (struct efi_loaded_image){ .device = &file_system };
	system_table.nr_tables = 3;
	memset(rsdp, 0, sizeof(rsdp));
	system_table.output = &output;
	for (size_t i = 0; i < FILE_SIZE; i++)
		image[i] = (char)(i * 7);
	memset(image + HANDOFF_AT, 0, sizeof(struct efi_handoff));
	set_options("one two=3");
}

static efi_status start(void)
{
	const struct efi_image at = {
		.start = image, .file_size = FILE_SIZE, .memory_size = MEMORY_SIZE,
		.handoff = (const struct efi_handoff *)(image + HANDOFF_AT),
	};

	return efi_start(&loaded, &system_table, &at, &launch);
}

static struct efi_handoff *handoff(void)
{
	return (struct efi_handoff *)((char *)launch.image + HANDOFF_AT);
}

static bool said(const char *words)
{
	return strstr(firmware.console, words);
}

/* Starts where that must go well, and returns what the kernel gets. */
static struct efi_handoff *started(void)
{
	EXPECT_EQ(start(), EFI_SUCCESS);
	EXPECT(firmware.gone && handoff()->present);
	EXPECT(said("Patchbay: leaving the firmware\r\n"));
	return handoff();
}

TEST(the_usual_way)
{
	struct efi_handoff *given;

	build_firmware();
	given = started();
	EXPECT(!((unsigned long)launch.image % EFI_IMAGE_ALIGN));
	EXPECT(!memcmp(launch.image, image, HANDOFF_AT));
	EXPECT(!memcmp((char *)launch.image + HANDOFF_AT + sizeof(*given),
		       image + HANDOFF_AT + sizeof(*given),
		       FILE_SIZE - HANDOFF_AT - sizeof(*given)));
	EXPECT(!((struct efi_handoff *)(image + HANDOFF_AT))->present);
	EXPECT_STREQ(given->cmdline, "one two=3");
	EXPECT_EQ(given->problems, 0);
	EXPECT_EQ(given->initrd_size, 0);
	EXPECT(launch.tree == tree);
	EXPECT_EQ(given->nr_memory, 1);
	EXPECT_EQ(given->memory[0].start, 0x40000000);
	EXPECT_EQ(given->memory[0].size, 0x10000);
}

static void expect_cmdline(const char *typed, const char *cmdline)
{
	build_firmware();
	set_options(typed);
	EXPECT_STREQ(started()->cmdline, cmdline);
}

TEST(words_of_loaders)
{
	expect_cmdline("BOOT_IMAGE=/Image script a", "script a");
	expect_cmdline("\\EFI\\BOOT\\BOOTAA64.EFI a", "a");
	expect_cmdline("FS0:\\Image a  b", "a  b");
	expect_cmdline("Image.efi a", "a");
	expect_cmdline("a Image", "a Image");
	expect_cmdline(" a initrd=x \"b initrd=c d\" ", "a \"b initrd=c d\"");
	expect_cmdline("BOOT_IMAGE=/Image", "");
	expect_cmdline("", "");
	expect_cmdline("a\tb\x1b[2J", "a b [2J");
	build_firmware();
	loaded.options = NULL;
	EXPECT_STREQ(started()->cmdline, "");
	/* Nothing ends these options but their size. */
	build_firmware();
	loaded.options_size = 6;
	EXPECT_STREQ(started()->cmdline, "one");
}

TEST(characters_that_are_not_ascii)
{
	static u16 text[] = { 'a', 0xe4, 0x20ac, 0xd83d, 0xde00, 0xd83d, 'z', 0xde00 };

	build_firmware();
	loaded.options = text;
	loaded.options_size = sizeof(text);
	EXPECT_STREQ(started()->cmdline, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80?z?");
}

TEST(a_long_command_line)
{
	char text[2500];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	build_firmware();
	set_options(text);
	EXPECT_EQ(started()->problems, EFI_CMDLINE_CUT);
	EXPECT_EQ(strlen(handoff()->cmdline), BOOT_CMDLINE_SIZE - 1);
	EXPECT(said("too long"));
}

TEST(an_initrd_that_is_offered)
{
	struct efi_handoff *given;

	build_firmware();
	firmware.offered = "the initrd";
	firmware.file = "another";
	set_options("a initrd=/initrd.img");
	given = started();
	EXPECT_EQ(given->initrd_size, 10);
	EXPECT(!memcmp((void *)(unsigned long)given->initrd_start, "the initrd", 10));
	EXPECT_STREQ(given->cmdline, "a");
}

TEST(an_initrd_that_is_a_file)
{
	struct efi_handoff *given;

	build_firmware();
	firmware.file = "a file of some size";
	set_options("initrd=/initrd.img a");
	given = started();
	EXPECT_EQ(given->initrd_size, 19);
	EXPECT(!memcmp((void *)(unsigned long)given->initrd_start, firmware.file, 19));
	EXPECT_STREQ(given->cmdline, "a");
}

static void expect_no_initrd(unsigned int problem, const char *words)
{
	struct efi_handoff *given = started();

	EXPECT_EQ(given->problems, problem);
	EXPECT_EQ(given->initrd_size, 0);
	EXPECT(said(words));
}

TEST(an_initrd_that_is_none)
{
	build_firmware();
	firmware.offered = "";
	expect_no_initrd(EFI_INITRD_EMPTY, "the initrd is empty");
	build_firmware();
	firmware.file = "";
	set_options("initrd=initrd.img");
	expect_no_initrd(EFI_INITRD_UNREADABLE, "the initrd cannot be read");
	build_firmware();
	firmware.file = "";
	set_options("initrd=\\initrd.img");
	expect_no_initrd(EFI_INITRD_EMPTY, "the initrd is empty");
	build_firmware();
	set_options("initrd=\\initrd.img");
	expect_no_initrd(EFI_INITRD_UNREADABLE, "the initrd cannot be read");
	build_firmware();
	firmware.offered = "abc";
	firmware.offered_breaks = true;
	expect_no_initrd(EFI_INITRD_UNREADABLE, "the initrd cannot be read");
	EXPECT_EQ(firmware.pages_given, 516);	/* only what the image lies in */
}

TEST(too_little_memory)
{
	build_firmware();
	firmware.pages_left = 515;
	EXPECT_EQ(start(), EFI_OUT_OF_RESOURCES);
	EXPECT(said("cannot run: too little memory"));
	EXPECT(!firmware.pages_given && !firmware.gone);
	/* There is room for the kernel, and none for the initrd. */
	build_firmware();
	firmware.pages_left = 516;
	firmware.offered = "abc";
	expect_no_initrd(EFI_INITRD_UNREADABLE, "the initrd cannot be read");
}

TEST(no_tree)
{
	build_firmware();
	system_table.nr_tables = 2;
	started();
	EXPECT(!launch.tree);
	EXPECT(said("no device tree"));
}

static void make_table(u8 *table, const char *name, u32 size)
{
	u8 sum = 0;

	memcpy(table, name, 4);
	memcpy(table + 4, &size, 4);
	table[9] = 0;
	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + table[i]);
	table[9] = (u8)-sum;
}

/* ACPI's tables as firmware has them: the pointer, the list, and two tables on it. */
static void build_acpi(void)
{
	u64 addresses[] = { (unsigned long)other_table, (unsigned long)spcr };
	u64 list = (unsigned long)xsdt;

	build_firmware();
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 24, &list, 8);
	memcpy(xsdt + 36, addresses, sizeof(addresses));
	for (u32 i = 36; i < SPCR_SIZE; i++)
		spcr[i] = (u8)(3 * i);
	make_table(xsdt, "XSDT", XSDT_SIZE);
	make_table(other_table, "FACP", 36);
	make_table(spcr, "SPCR", SPCR_SIZE);
}

TEST(console_by_acpi)
{
	struct efi_handoff *given;

	build_acpi();
	given = started();
	EXPECT_EQ(given->spcr_size, BOOT_SPCR_SIZE);
	EXPECT(!memcmp(given->spcr, spcr, BOOT_SPCR_SIZE));
	/* An old table is shorter than what is looked at. */
	build_acpi();
	make_table(spcr, "SPCR", 40);
	EXPECT_EQ(started()->spcr_size, 40);
}

/* Each byte that says what a table is and how long it is, damaged: nothing is taken from it. */
TEST(no_console_by_acpi)
{
	static u8 *const parts[] = { rsdp, xsdt, spcr };

	for (unsigned int part = 0; part < ARRAY_SIZE(parts); part++) {
		for (unsigned int i = 0; i < (part ? 10 : 8); i++) {
			build_acpi();
			parts[part][i] ^= 0x40;
			EXPECT_EQ(started()->spcr_size, 0);
		}
	}
	build_acpi();
	memset(rsdp + 24, 0, 8);
	EXPECT_EQ(started()->spcr_size, 0);
	build_acpi();
	make_table(xsdt, "XSDT", 36 + 8);
	EXPECT_EQ(started()->spcr_size, 0);
}

TEST(refused_once)
{
	build_firmware();
	firmware.refusals = 1;
	started();
	EXPECT(firmware.refused);
}

TEST(refused_for_good)
{
	build_firmware();
	firmware.refusals = 1000;
	firmware.offered = "abc";
	EXPECT_EQ(start(), EFI_INVALID_PARAMETER);
	EXPECT(said("the firmware does not let go"));
	EXPECT(!firmware.pages_given && !firmware.pools_given);
}

TEST(no_console)
{
	build_firmware();
	system_table.output = NULL;
	EXPECT_EQ(start(), EFI_SUCCESS);
}

TEST(memory_in_pieces)
{
	struct efi_handoff *given;

	build_firmware();
	firmware.nr_descriptors = 0;
	/* Pieces of kinds that are free later, in disorder; between them what is not. */
	add_descriptor(EFI_LOADER_DATA, 0x40003000, 1, EFI_MEMORY_WB);
	add_descriptor(EFI_CONVENTIONAL, 0x40000000, 2, EFI_MEMORY_WB);
	add_descriptor(EFI_BOOT_SERVICES_DATA, 0x40002000, 1, EFI_MEMORY_WB);
	add_descriptor(6, 0x40004000, 1, EFI_MEMORY_WB);		/* runtime services */
	add_descriptor(EFI_CONVENTIONAL, 0x40005000, 1, EFI_MEMORY_WB | EFI_MEMORY_SP);
	add_descriptor(EFI_CONVENTIONAL, 0x40006000, 1, 0);
	add_descriptor(EFI_LOADER_CODE, 0x40008000, 1, EFI_MEMORY_WB);
	add_descriptor(EFI_BOOT_SERVICES_CODE, 0x40007000, 1, EFI_MEMORY_WB);
	add_descriptor(EFI_CONVENTIONAL, 0x50000000, 0, EFI_MEMORY_WB);
	add_descriptor(EFI_CONVENTIONAL, 0x60000000, ~0ull, EFI_MEMORY_WB);
	given = started();
	EXPECT_EQ(given->nr_memory, 2);
	EXPECT_EQ(given->memory[0].start, 0x40000000);
	EXPECT_EQ(given->memory[0].size, 0x4000);
	EXPECT_EQ(given->memory[1].start, 0x40007000);
	EXPECT_EQ(given->memory[1].size, 0x2000);
}

TEST(memory_in_too_many_pieces)
{
	build_firmware();
	firmware.nr_descriptors = 0;
	for (unsigned int i = 0; i < BOOT_MAX_RANGES + 3; i++)
		add_descriptor(EFI_CONVENTIONAL, 0x40000000 + i * 0x2000ull, 1, EFI_MEMORY_WB);
	EXPECT_EQ(started()->problems, EFI_MEMORY_LOST);
	EXPECT_EQ(handoff()->nr_memory, BOOT_MAX_RANGES);
}

/* In any order the same list comes out, in as few pieces as there are. */
TEST(memory_in_any_order)
{
	for (unsigned int round = 0; round < 50; round++) {
		struct efi_handoff *given;
		bool is_ram[64], taken[64] = { false };
		unsigned int runs = 0;

		build_firmware();
		firmware.nr_descriptors = 0;
		for (unsigned int i = 0; i < 64; i++) {
			is_ram[i] = tap_below(4);
			runs += is_ram[i] && (!i || !is_ram[i - 1]);
		}
		for (unsigned int i = 0; i < 64; i++) {
			unsigned int piece = tap_below(64);

			while (taken[piece])
				piece = (piece + 1) % 64;
			taken[piece] = true;
			if (is_ram[piece])
				add_descriptor(EFI_CONVENTIONAL, 0x1000ull * piece, 1,
					       EFI_MEMORY_WB);
		}
		given = started();
		/* In the meantime there may have been more pieces than fit. */
		if (given->problems)
			continue;
		EXPECT_EQ(given->nr_memory, runs);
		for (unsigned int i = 0; i < given->nr_memory; i++) {
			u64 first = given->memory[i].start / 0x1000;
			u64 end = first + given->memory[i].size / 0x1000;

			for (u64 at = first; at < end; at++)
				EXPECT(is_ram[at]);
			EXPECT((!first || !is_ram[first - 1]) && (end == 64 || !is_ram[end]));
		}
	}
}
