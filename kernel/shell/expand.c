/* SPDX-License-Identifier: MIT */
/*
 * Expansion of pathnames: a word of a command with * ? or [...] outside quotes is replaced by the
 * names of the files that match, in order; if none matches, the word stays as it is. A path is
 * matched from the left, one component after the other. No pattern matches a slash, and only a dot
 * matches a dot at the start of a name.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/shell.h"

#define NAMES_MAX 4096			/* of one word, and of all the words of a command */

struct walk {
	const struct shell_pipeline *p;
	struct shell_name *found, *last;	/* sorted; the one that was added last */
	unsigned int nr;
	struct dirent entry;
	char pattern[2 * NAME_MAX + 1];
};

static void free_names(struct shell_name *names)
{
	while (names) {
		struct shell_name *next = names->next;

		kfree(names);
		names = next;
	}
}

/*
 * Add @dir + @name (@len bytes) + slashes to the sorted list. 0, also if it is too long for a path,
 * or -errno.
 */
static int add_name(struct walk *w, const char *dir, const char *name, size_t len,
		    const char *slashes, size_t nr_slashes)
{
	size_t dir_len = strlen(dir), size = dir_len + len + nr_slashes + 1;
	struct shell_name *new, **link = &w->found;

	if (size > PATH_MAX)
		return 0;
	if (w->nr == NAMES_MAX)
		return -E2BIG;
	new = kmalloc(sizeof(*new) + size, GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	memcpy(new->text, dir, dir_len);
	memcpy(new->text + dir_len, name, len);
	memcpy(new->text + dir_len + len, slashes, nr_slashes);
	new->text[size - 1] = '\0';
	/* Directories are read in order, so it mostly belongs after the one that was added last. */
	if (w->last && strcmp(w->last->text, new->text) <= 0)
		link = &w->last->next;
	while (*link && strcmp((*link)->text, new->text) < 0)
		link = &(*link)->next;
	new->next = *link;
	*link = w->last = new;
	w->nr++;
	return 0;
}

static bool has_magic(const struct shell_pipeline *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (shell_is_magic(p, text + i))
			return true;
	return false;
}

/*
 * Make w->pattern of @part; quoted special characters are escaped. Its length; 0 if it is too long.
 */
static size_t make_pattern(struct walk *w, const char *part, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (n + 2 > sizeof(w->pattern))
			return 0;
		if (strchr("*?[\\", part[i]) && !shell_is_magic(w->p, part + i))
			w->pattern[n++] = '\\';
		w->pattern[n++] = part[i];
	}
	return n;
}

/* Add the entries of @dir that match the component; only directories if slashes follow it. */
static int match_entries(struct walk *w, const char *dir, const char *part, size_t len,
			 size_t nr_slashes)
{
	size_t pattern_len = make_pattern(w, part, len);
	struct file *file = !pattern_len ? NULL :
			    vfs_open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY, 0);
	unsigned int pos = 0;
	int err = 0;

	/* If @dir is not a directory or does not exist, nothing matches. */
	if (!file || IS_ERR(file))
		return file && PTR_ERR(file) == -ENOMEM ? -ENOMEM : 0;
	while (!err && vfs_readdir(file, &pos, &w->entry) > 0) {
		const char *name = w->entry.name;

		if (console_interrupted())
			err = -EINTR;
		else if ((*name != '.' || *part == '.') &&
			 (!nr_slashes || S_ISDIR(w->entry.mode)) &&
			 glob_match(w->pattern, pattern_len, name))
			err = add_name(w, dir, name, strlen(name), part + len, nr_slashes);
	}
	vfs_close(file);
	return err;
}

/* Replace the names found so far by those with one more component, and the slashes after it. */
static int next_component(struct walk *w, const char *part, size_t len, size_t nr_slashes)
{
	struct shell_name *dirs = w->found;
	bool magic = has_magic(w->p, part, len);
	int err = 0;

	w->found = w->last = NULL;
	w->nr = 0;
	for (struct shell_name *dir = dirs; dir && !err; dir = dir->next) {
		if (magic)
			err = match_entries(w, dir->text, part, len, nr_slashes);
		else
			err = add_name(w, dir->text, part, len, part + len, nr_slashes);
	}
	free_names(dirs);
	return err;
}

/* Remove names that do not exist: components after the last glob were added without a check. */
static void drop_missing(struct walk *w)
{
	struct shell_name **link = &w->found, *name;
	struct stat st;

	while ((name = *link)) {
		if (!vfs_stat(name->text, &st)) {
			link = &name->next;
			continue;
		}
		*link = name->next;
		kfree(name);
		w->nr--;
	}
}

static size_t count_slashes(const char *text)
{
	size_t n = 0;

	while (text[n] == '/')
		n++;
	return n;
}

/* Put the names of the files that match @word into w->found: 0 or -errno. */
static int match_word(struct walk *w, const char *word)
{
	size_t root = count_slashes(word);
	int err;

	w->found = w->last = NULL;
	w->nr = 0;
	/* It begins with one name: the slashes in front, or nothing, the current directory. */
	err = add_name(w, "", word, root, "", 0);
	for (word += root; *word && w->found && !err;) {
		const char *slash = strchr(word, '/');
		size_t len = slash ? (size_t)(slash - word) : strlen(word);
		size_t nr_slashes = count_slashes(word + len);

		err = next_component(w, word, len, nr_slashes);
		word += len + nr_slashes;
	}
	/* A component without a wildcard was appended unseen, so such a file may not exist. */
	if (!err)
		drop_missing(w);
	return err;
}

/* Append @word to @argv, which grows as needed and ends with NULL: 0 or -errno. */
static int add_argument(char ***argv, int *argc, char *word)
{
	/* It has room for a power of two of pointers, and is doubled when that is full. */
	if (!(*argc & (*argc + 1))) {
		char **bigger = krealloc(*argv, 2 * ((size_t)*argc + 1) * sizeof(*bigger),
					 GFP_KERNEL);

		if (!bigger)
			return -ENOMEM;
		*argv = bigger;
	}
	if (*argc == NAMES_MAX)
		return -E2BIG;
	(*argv)[(*argc)++] = word;
	(*argv)[*argc] = NULL;
	return 0;
}

/* Append a command's word, or the names of the files that match it, which @e keeps. 0 or -errno. */
static int expand_word(struct walk *w, struct shell_expansion *e, char *word, char ***argv,
		       int *argc)
{
	struct shell_name **end = &e->names;
	bool magic = has_magic(w->p, word, strlen(word));
	int err = magic ? match_word(w, word) : 0;

	/* Without a match the word is passed on, since it may be a pattern for grep, say. */
	if (!magic || (!err && !w->found))
		return add_argument(argv, argc, word);
	while (*end)
		end = &(*end)->next;
	*end = w->found;
	w->found = NULL;
	for (struct shell_name *name = *end; name && !err; name = name->next)
		err = add_argument(argv, argc, name->text);
	return err;
}

static void say_why(const char *word, int err)
{
	char text[128];

	if (err == -E2BIG)
		scnprintf(text, sizeof(text), "sh: %.60s: too many names (the limit is %d)\n", word,
			  NAMES_MAX);
	else
		scnprintf(text, sizeof(text), "sh: %s\n", errno_string(err));
	if (err != -EINTR)
		console_write(text, strlen(text));
}

static int expand_stage(struct walk *w, struct shell_expansion *e, struct shell_stage *stage,
			char ***argv)
{
	int argc = 0, err = 0;

	for (int i = 0; i < stage->argc && !err; i++) {
		err = expand_word(w, e, stage->argv[i], argv, &argc);
		if (err)
			say_why(stage->argv[i], err);
	}
	if (!err && argc) {
		stage->argv = *argv;
		stage->argc = argc;
	}
	return err;
}

int shell_expand(struct shell_pipeline *p, struct shell_expansion *e)
{
	struct walk *w;
	int err = 0;

	memset(e, 0, sizeof(*e));
	if (!p->has_magic)
		return 0;
	/* Allocated, because its buffers are too large for the stack. */
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w) {
		say_why("", -ENOMEM);
		return 1;
	}
	w->p = p;
	for (unsigned int i = 0; i < p->nr_stages && !err; i++)
		err = expand_stage(w, e, &p->stages[i], &e->argv[i]);
	kfree(w);
	return err == -EINTR ? SHELL_STATUS_INTERRUPTED : err ? 1 : 0;
}

void shell_expansion_free(struct shell_expansion *e)
{
	free_names(e->names);
	for (unsigned int i = 0; i < SHELL_STAGES_MAX; i++)
		kfree(e->argv[i]);
}
