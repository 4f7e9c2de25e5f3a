/* SPDX-License-Identifier: MIT */
/* The firmware of efi_firmware.h. Calls that the kernel may not make fail the test. */
#include "tests/host/efi_firmware.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "tests/host/tap.h"
#include <stdlib.h>

#define DESCRIPTOR_SIZE 48		/* as real firmware has it: larger than the structure */
#define MEMORY_SIZE 20000u

struct efi_firmware firmware;

char image[FILE_SIZE + sizeof(struct efi_handoff)];
struct efi_loaded_image loaded;
struct efi_launch launch;
static u16 options[3000];
char tree[8];

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
u8 rsdp[36], xsdt[4096], spcr[4096];
static u8 other_table[4096];
static struct efi_configuration_table tables[] = {
	{ { { 1 } }, NULL },
	{ { { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c,
	      0x88, 0x81 } }, rsdp },
	{ { { 0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69,
	      0xaa, 0xe0 } }, tree },
};
struct efi_system_table system_table = {
	.output = &output, .boot_services = &services, .nr_tables = 3, .tables = tables,
};

void add_descriptor(u32 type, u64 start, u64 nr_pages, u64 attribute)
{
	firmware.map[firmware.nr_descriptors++] = (struct efi_memory_descriptor){
		.type = type, .physical_start = start, .nr_pages = nr_pages, .attribute = attribute,
	};
}

void set_options(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i <= len; i++)
		options[i] = (u8)text[i];
	loaded.options = options;
	loaded.options_size = (u32)(2 * len + 2);
}

void build_firmware(void)
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

efi_status start(void)
{
	const struct efi_image at = {
		.start = image, .file_size = FILE_SIZE, .memory_size = MEMORY_SIZE,
		.handoff = (const struct efi_handoff *)(image + HANDOFF_AT),
	};

	return efi_start(&loaded, &system_table, &at, &launch);
}

struct efi_handoff *handoff(void)
{
	return (struct efi_handoff *)((char *)launch.image + HANDOFF_AT);
}

bool said(const char *words)
{
	return strstr(firmware.console, words);
}

struct efi_handoff *started(void)
{
	EXPECT_EQ(start(), EFI_SUCCESS);
	EXPECT(firmware.gone && handoff()->present);
	EXPECT(said("Patchbay: leaving the firmware\r\n"));
	return handoff();
}

void make_table(u8 *table, const char *name, u32 size)
{
	u8 sum = 0;

	memcpy(table, name, 4);
	memcpy(table + 4, &size, 4);
	table[9] = 0;
	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + table[i]);
	table[9] = (u8)-sum;
}

void build_acpi(void)
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
