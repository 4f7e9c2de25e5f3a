/* SPDX-License-Identifier: MIT */
/*
 * The kernel as a program of UEFI's: efi_start() makes of the loaded file a kernel at its place,
 * asks the firmware for what boot loaders give otherwise (efi_options.c, efi_initrd.c), and leaves
 * it (efi_memory.c). All of this runs where the firmware has put it, at any address: nothing here
 * may need an address that is stored, or a variable. Untraced, unchecked.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

static const struct efi_guid loaded_image_guid = { {
	0xa1, 0x31, 0x1b, 0x5b, 0x62, 0x95, 0xd2, 0x11, 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72,
	0x3b } };
static const struct efi_guid device_tree_guid = { {
	0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa,
	0xe0 } };

static __init void put(struct efi_text_output *output, const char *text)
{
	u16 piece[32];
	unsigned int len = 0;

	/* In pieces, because no buffer is long enough for every text. */
	while (*text) {
		piece[len++] = (u8)*text++;
		if (len == ARRAY_SIZE(piece) - 1 || !*text) {
			piece[len] = 0;
			output->output_string(output, piece);
			len = 0;
		}
	}
}

__init void efi_say(struct efi_boot *boot, const char *text)
{
	struct efi_text_output *output = boot->table->output;

	if (!output)
		return;
	put(output, "Patchbay: ");
	put(output, text);
	put(output, "\r\n");
}

__init void efi_warn(struct efi_boot *boot, unsigned int problem, const char *text)
{
	boot->handoff->problems |= problem;
	efi_say(boot, text);
}

/* Copy the image to where it can run. It will run, so its memory is of the type for code. */
static __init efi_status place_image(struct efi_boot *boot, const struct efi_image *image,
				     struct efi_launch *launch)
{
	u64 size = ALIGN_UP(image->memory_size, EFI_PAGE_SIZE) + EFI_IMAGE_ALIGN - EFI_PAGE_SIZE;
	efi_status status;

	/* The firmware aligns to its pages only, so there is room to move the start up. */
	boot->nr_pages = size / EFI_PAGE_SIZE;
	status = boot->services->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_LOADER_CODE,
						boot->nr_pages, &boot->pages);
	if (status)
		return status;
	launch->image = (void *)(unsigned long)ALIGN_UP(boot->pages, EFI_IMAGE_ALIGN);
	memcpy(launch->image, image->start, image->file_size);
	/* The copy's own variable: this program's would be left behind. */
	boot->handoff = (struct efi_handoff *)
		((char *)launch->image + ((const char *)image->handoff -
					  (const char *)image->start));
	boot->handoff->present = true;
	return EFI_SUCCESS;
}

__init void *efi_find_table(const struct efi_system_table *table, const struct efi_guid *guid)
{
	for (u64 i = 0; i < table->nr_tables; i++) {
		if (!memcmp(&table->tables[i].guid, guid, sizeof(*guid)))
			return table->tables[i].table;
	}
	return NULL;
}

__init efi_status efi_start(efi_handle self, struct efi_system_table *table,
			    const struct efi_image *image, struct efi_launch *launch)
{
	struct efi_boot boot = {
		.self = self, .table = table, .services = table->boot_services,
	};
	char initrd[256];
	efi_status status = boot.services->handle_protocol(self, &loaded_image_guid, &boot.loaded);

	if (status) {
		efi_say(&boot, "cannot run: the firmware does not know what it has started");
		return status;
	}
	status = place_image(&boot, image, launch);
	if (status) {
		efi_say(&boot, "cannot run: too little memory");
		return status;
	}
	efi_read_options(&boot, initrd, sizeof(initrd));
	efi_load_initrd(&boot, initrd);
	efi_find_console(&boot);
	launch->tree = efi_find_table(table, &device_tree_guid);
	if (!launch->tree)
		efi_say(&boot, "no device tree: a machine like QEMU's is assumed");
	/* Whoever reads the console learns that what follows is not the firmware's any more. */
	efi_say(&boot, "leaving the firmware");
	status = efi_leave(&boot);
	if (status) {
		efi_say(&boot, "cannot run: the firmware does not let go");
		if (boot.handoff->initrd_size)
			boot.services->free_pages(boot.handoff->initrd_start,
						  ALIGN_UP(boot.handoff->initrd_size,
							   EFI_PAGE_SIZE) / EFI_PAGE_SIZE);
		boot.services->free_pages(boot.pages, boot.nr_pages);
	}
	return status;
}
