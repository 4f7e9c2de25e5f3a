/* SPDX-License-Identifier: MIT */
/*
 * The names of Linux's error numbers, for %pe, also of those that Linux uses only internally.
 * Untraced.
 */
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "kernel/types.h"

#define FIRST_INTERNAL 512

/* The names begin with '-', because error numbers are mostly printed as negative. */
static const char *const names[] = {
	NULL, "-EPERM", "-ENOENT", "-ESRCH", "-EINTR", "-EIO", "-ENXIO", "-E2BIG", "-ENOEXEC",
	"-EBADF", "-ECHILD", "-EAGAIN", "-ENOMEM", "-EACCES", "-EFAULT", "-ENOTBLK", "-EBUSY",
	"-EEXIST", "-EXDEV", "-ENODEV", "-ENOTDIR", "-EISDIR", "-EINVAL", "-ENFILE", "-EMFILE",
	"-ENOTTY", "-ETXTBSY", "-EFBIG", "-ENOSPC", "-ESPIPE", "-EROFS", "-EMLINK", "-EPIPE",
	"-EDOM", "-ERANGE", "-EDEADLK", "-ENAMETOOLONG", "-ENOLCK", "-ENOSYS", "-ENOTEMPTY",
	"-ELOOP", NULL, "-ENOMSG", "-EIDRM", "-ECHRNG", "-EL2NSYNC", "-EL3HLT", "-EL3RST",
	"-ELNRNG", "-EUNATCH", "-ENOCSI", "-EL2HLT", "-EBADE", "-EBADR", "-EXFULL", "-ENOANO",
	"-EBADRQC", "-EBADSLT", NULL, "-EBFONT", "-ENOSTR", "-ENODATA", "-ETIME", "-ENOSR",
	"-ENONET", "-ENOPKG", "-EREMOTE", "-ENOLINK", "-EADV", "-ESRMNT", "-ECOMM", "-EPROTO",
	"-EMULTIHOP", "-EDOTDOT", "-EBADMSG", "-EOVERFLOW", "-ENOTUNIQ", "-EBADFD", "-EREMCHG",
	"-ELIBACC", "-ELIBBAD", "-ELIBSCN", "-ELIBMAX", "-ELIBEXEC", "-EILSEQ", "-ERESTART",
	"-ESTRPIPE", "-EUSERS", "-ENOTSOCK", "-EDESTADDRREQ", "-EMSGSIZE", "-EPROTOTYPE",
	"-ENOPROTOOPT", "-EPROTONOSUPPORT", "-ESOCKTNOSUPPORT", "-EOPNOTSUPP", "-EPFNOSUPPORT",
	"-EAFNOSUPPORT", "-EADDRINUSE", "-EADDRNOTAVAIL", "-ENETDOWN", "-ENETUNREACH", "-ENETRESET",
	"-ECONNABORTED", "-ECONNRESET", "-ENOBUFS", "-EISCONN", "-ENOTCONN", "-ESHUTDOWN",
	"-ETOOMANYREFS", "-ETIMEDOUT", "-ECONNREFUSED", "-EHOSTDOWN", "-EHOSTUNREACH", "-EALREADY",
	"-EINPROGRESS", "-ESTALE", "-EUCLEAN", "-ENOTNAM", "-ENAVAIL", "-EISNAM", "-EREMOTEIO",
	"-EDQUOT", "-ENOMEDIUM", "-EMEDIUMTYPE", "-ECANCELED", "-ENOKEY", "-EKEYEXPIRED",
	"-EKEYREVOKED", "-EKEYREJECTED", "-EOWNERDEAD", "-ENOTRECOVERABLE", "-ERFKILL",
	"-EHWPOISON",
};
static const char *const internal_names[] = {
	"-ERESTARTSYS", "-ERESTARTNOINTR", "-ERESTARTNOHAND", "-ENOIOCTLCMD",
	"-ERESTART_RESTARTBLOCK", "-EPROBE_DEFER", "-EOPENSTALE", "-ENOPARAM", NULL, "-EBADHANDLE",
	"-ENOTSYNC", "-EBADCOOKIE", "-ENOTSUPP", "-ETOOSMALL", "-ESERVERFAULT", "-EBADTYPE",
	"-EJUKEBOX", "-EIOCBQUEUED", "-ERECALLCONFLICT",
};

const char *errname(long err)
{
	unsigned long number = err < 0 ? -(unsigned long)err : (unsigned long)err;
	const char *name = NULL;

	if (number < ARRAY_SIZE(names))
		name = names[number];
	else if (number - FIRST_INTERNAL < ARRAY_SIZE(internal_names))
		name = internal_names[number - FIRST_INTERNAL];
	return name && err > 0 ? name + 1 : name;
}
