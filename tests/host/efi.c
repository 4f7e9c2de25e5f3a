/* SPDX-License-Identifier: MIT */
/*
 * Being started by UEFI (boot/efi*.c), on a firmware that is played here (efi_firmware.h): it can
 * have little memory, no tree, an initrd in each of the two ways or a broken one, and refuse to let
 * go. What it has given out must be given back when the kernel cannot run, and calls in a wrong
 * order fail.
 */
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "tests/host/efi_firmware.h"
#include "tests/host/tap.h"

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
