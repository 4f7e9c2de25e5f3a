/* SPDX-License-Identifier: MIT */
/*
 * What UEFI's firmware offers to a program that it starts (UEFI Specification 2.10), as far as
 * boot/ uses it: 64-bit, little endian. Members that nobody uses are only counted. All functions
 * are the firmware's, and have the C calling convention of the machine.
 */
#pragma once
#include "kernel/types.h"

typedef u64 efi_status;
typedef void *efi_handle;

#define EFI_SUCCESS 0ull
#define EFI_ERROR(n) (1ull << 63 | (n))
#define EFI_LOAD_ERROR EFI_ERROR(1)
#define EFI_INVALID_PARAMETER EFI_ERROR(2)
#define EFI_BUFFER_TOO_SMALL EFI_ERROR(5)
#define EFI_OUT_OF_RESOURCES EFI_ERROR(9)
#define EFI_NOT_FOUND EFI_ERROR(14)

#define EFI_PAGE_SIZE 4096u

struct efi_guid {
	u8 bytes[16];
};

struct efi_table_header {
	u64 signature;
	u32 revision, size, crc32, reserved;
};

struct efi_text_output {
	void *reset;
	efi_status (*output_string)(struct efi_text_output *self, u16 *text);
};

enum efi_memory_type {
	EFI_LOADER_CODE = 1,
	EFI_LOADER_DATA = 2,
	EFI_BOOT_SERVICES_CODE = 3,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_CONVENTIONAL = 7,
};

#define EFI_ALLOCATE_ANY_PAGES 0
#define EFI_MEMORY_WB 0x8ull		/* it can be cached */
#define EFI_MEMORY_SP 0x40000ull	/* it is meant for one purpose, which we do not know */

/* The firmware's may be longer: it says how far apart they are. */
struct efi_memory_descriptor {
	u32 type;
	u64 physical_start, virtual_start, nr_pages, attribute;
};

struct efi_boot_services {
	struct efi_table_header header;
	void *task_priority[2];
	efi_status (*allocate_pages)(int how, u32 type, u64 nr, u64 *address);
	efi_status (*free_pages)(u64 address, u64 nr);
	efi_status (*get_memory_map)(u64 *size, void *map, u64 *key, u64 *descriptor_size,
				     u32 *version);
	efi_status (*allocate_pool)(u32 type, u64 size, void **buffer);
	efi_status (*free_pool)(void *buffer);
	void *events[6];
	void *install[3];
	efi_status (*handle_protocol)(efi_handle handle, const struct efi_guid *protocol,
				      void *interface);
	void *reserved;
	void *notify, *locate_handle;
	efi_status (*locate_device_path)(const struct efi_guid *protocol, void **path,
					 efi_handle *handle);
	void *install_configuration_table;
	void *images[4];
	efi_status (*exit_boot_services)(efi_handle image, u64 key);
};

struct efi_configuration_table {
	struct efi_guid guid;
	void *table;
};

struct efi_system_table {
	struct efi_table_header header;
	void *vendor;
	u32 revision;
	void *input[2];
	efi_handle output_handle;
	struct efi_text_output *output;
	void *errors[2];
	void *runtime_services;
	struct efi_boot_services *boot_services;
	u64 nr_tables;
	struct efi_configuration_table *tables;
};

/* What the firmware knows of a program that it has loaded. */
struct efi_loaded_image {
	u32 revision;
	efi_handle parent;
	struct efi_system_table *system_table;
	efi_handle device;		/* that the file came from */
	void *file_path, *reserved;
	u32 options_size;		/* in bytes */
	void *options;			/* UTF-16, as a rule */
};

/* Whoever has a file for us; an initrd's is found by a device path of its own. */
struct efi_load_file {
	efi_status (*load)(struct efi_load_file *self, void *path, u8 boot_policy, u64 *size,
			   void *buffer);
};

struct efi_file {
	u64 revision;
	efi_status (*open)(struct efi_file *self, struct efi_file **file, u16 *name, u64 mode,
			   u64 attributes);
	efi_status (*close)(struct efi_file *self);
	void *remove;
	efi_status (*read)(struct efi_file *self, u64 *size, void *buffer);
	void *write;
	efi_status (*get_position)(struct efi_file *self, u64 *position);
	efi_status (*set_position)(struct efi_file *self, u64 position);
};

#define EFI_FILE_READ 1
#define EFI_FILE_END (~0ull)		/* as a position */

struct efi_file_system {
	u64 revision;
	efi_status (*open_volume)(struct efi_file_system *self, struct efi_file **root);
};

_Static_assert(sizeof(void *) == 8 ?
	       __builtin_offsetof(struct efi_boot_services, handle_protocol) == 152 &&
	       __builtin_offsetof(struct efi_boot_services, exit_boot_services) == 232 &&
	       __builtin_offsetof(struct efi_system_table, output) == 64 &&
	       __builtin_offsetof(struct efi_system_table, tables) == 112 &&
	       __builtin_offsetof(struct efi_loaded_image, options) == 56 : 1,
	       "layout of the specification");
