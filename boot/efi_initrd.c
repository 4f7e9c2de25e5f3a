/* SPDX-License-Identifier: MIT */
/*
 * The initrd under UEFI. Whoever has one offers it as a file at a device path that is known to all
 * (QEMU's firmware and newer GRUB do); or a word initrd=FILE names a file beside the kernel. The
 * third way, in the device tree, is not ours: the kernel finds it there. Untraced, unchecked: see
 * efi.c.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"

static const struct efi_guid load_file2_guid = { {
	0xc1, 0xc0, 0x06, 0x40, 0xb3, 0xfc, 0x3e, 0x40, 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0,
	0x6d } };
static const struct efi_guid file_system_guid = { {
	0x22, 0x5b, 0x4e, 0x96, 0x59, 0x64, 0xd2, 0x11, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72,
	0x3b } };

/* A vendor's media device path, with the GUID of initrds, and the end of the path. */
static const struct {
	u8 vendor_head[4], guid[16], end[4];
} initrd_path = {
	{ 4, 3, 20, 0 },
	{ 0x27, 0xe4, 0x68, 0x55, 0xfc, 0x68, 0x3d, 0x4f, 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc,
	  0x68 },
	{ 0x7f, 0xff, 4, 0 },
};

#define SIZE_MAX_INITRD (1ull << 40)	/* more is no file, but a mistake */

/* Memory for @size bytes, which the handoff names. NULL: there is not that much. */
static __init void *allocate(struct efi_boot *boot, u64 size)
{
	u64 pages;

	if (size > SIZE_MAX_INITRD ||
	    boot->services->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_LOADER_DATA,
					   ALIGN_UP(size, EFI_PAGE_SIZE) / EFI_PAGE_SIZE, &pages))
		return NULL;
	boot->handoff->initrd_start = pages;
	boot->handoff->initrd_size = size;
	return (void *)(unsigned long)pages;
}

static __init void give_up(struct efi_boot *boot)
{
	struct efi_handoff *handoff = boot->handoff;

	if (handoff->initrd_size)
		boot->services->free_pages(handoff->initrd_start,
					   ALIGN_UP(handoff->initrd_size, EFI_PAGE_SIZE) /
					   EFI_PAGE_SIZE);
	handoff->initrd_start = handoff->initrd_size = 0;
	efi_warn(boot, EFI_INITRD_UNREADABLE, "the initrd cannot be read: going on without it");
}

static __init void say_empty(struct efi_boot *boot)
{
	efi_warn(boot, EFI_INITRD_EMPTY, "the initrd is empty: going on without it");
}

/* True if somebody offers one, even if it cannot be had. */
static __init bool load_offered(struct efi_boot *boot)
{
	void *path = (void *)(unsigned long)&initrd_path, *buffer;
	struct efi_load_file *loader;
	efi_handle handle;
	u64 size = 0;
	efi_status status;

	if (boot->services->locate_device_path(&load_file2_guid, &path, &handle) ||
	    boot->services->handle_protocol(handle, &load_file2_guid, &loader))
		return false;
	/* Asked without room it tells how much it needs. */
	status = loader->load(loader, path, false, &size, NULL);
	if (status == EFI_SUCCESS || (status == EFI_BUFFER_TOO_SMALL && !size)) {
		say_empty(boot);
		return true;
	}
	buffer = status == EFI_BUFFER_TOO_SMALL ? allocate(boot, size) : NULL;
	if (!buffer || loader->load(loader, path, false, &size, buffer) ||
	    size > boot->handoff->initrd_size)
		give_up(boot);
	return true;
}

static __init efi_status read_all(struct efi_boot *boot, struct efi_file *file)
{
	u64 size, left;
	char *to;

	if (file->set_position(file, EFI_FILE_END) || file->get_position(file, &size) ||
	    file->set_position(file, 0))
		return EFI_LOAD_ERROR;
	if (!size) {
		say_empty(boot);
		return EFI_SUCCESS;
	}
	to = allocate(boot, size);
	/* One read may bring less than was asked for, but never nothing before the end. */
	for (left = size; to && left; to += size, left -= size) {
		size = left;
		if (file->read(file, &size, to) || !size || size > left)
			return EFI_LOAD_ERROR;
	}
	return to ? EFI_SUCCESS : EFI_OUT_OF_RESOURCES;
}

/* The firmware's paths have backslashes; people who come from elsewhere write slashes. */
static __init void to_path(u16 *path, size_t size, const char *name)
{
	size_t len;

	for (len = 0; name[len] && len + 1 < size; len++)
		path[len] = name[len] == '/' ? '\\' : (u8)name[len];
	path[len] = 0;
}

static __init void load_named(struct efi_boot *boot, const char *name)
{
	struct efi_file_system *file_system;
	struct efi_file *root, *file;
	u16 path[256];
	efi_status status;

	/* The file lies on the volume that the image was loaded from, which the firmware can read. */
	to_path(path, ARRAY_SIZE(path), name);
	if (boot->services->handle_protocol(boot->loaded->device, &file_system_guid,
					    &file_system) ||
	    file_system->open_volume(file_system, &root)) {
		give_up(boot);
		return;
	}
	status = root->open(root, &file, path, EFI_FILE_READ, 0);
	if (!status) {
		status = read_all(boot, file);
		file->close(file);
	}
	root->close(root);
	/* A kernel without its initrd has a prompt, where a person can find out more. */
	if (status)
		give_up(boot);
}

__init void efi_load_initrd(struct efi_boot *boot, const char *file)
{
	if (!load_offered(boot) && *file)
		load_named(boot, file);
}
