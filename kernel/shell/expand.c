/* SPDX-License-Identifier: MIT */
/*
 * Pathname globs: a word of a command that has * ? or [...] outside of quotes stands for the names
 * of the files that match, in order, and for itself if none does. One directory after the other is
 * read, from the left; nothing but a / matches a /, and only a dot a dot at a name's start.
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
	struct shell_name *found, *last;	/* in order; the one that came last */
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

/* Put what was found into its place: @dir as it was written, @name of @len bytes, slashes. */
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
	/* Directories are read in order, so that this one mostly belongs behind the one before. */
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

/* What glob_match() takes for magic, but was quoted here, is escaped. The length; 0: too long. */
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

/* The entries of @dir that match the component; only directories, if slashes follow. */
static int match_entries(struct walk *w, const char *dir, const char *part, size_t len,
			 size_t nr_slashes)
{
	size_t pattern_len = make_pattern(w, part, len);
	struct file *file = pattern_len ? vfs_open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY, 0) : NULL;
	unsigned int pos = 0;
	int err = 0;

	/* What is no directory, or gone, has no entries. */
	if (!file || IS_ERR(file))
		return file && PTR_ERR(file) == -ENOMEM ? -ENOMEM : 0;
	while (!err && vfs_readdir(file, &pos, &w->entry) > 0) {
		const char *name = w->entry.name;

		if (console_interrupted())
			err = -EINTR;
		else if ((*name != '.' || *part == '.') && (!nr_slashes || S_ISDIR(w->entry.mode)) &&
			 glob_match(w->pattern, pattern_len, name))
			err = add_name(w, dir, name, strlen(name), part + len, nr_slashes);
	}
	vfs_close(file);
	return err;
}

/* From the names found so far to those with one component more, and the slashes behind it. */
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

/* Behind the last glob the word goes on as it is written, whether there is such a file or not. */
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

/* The files that @word stands for: w->found. */
static int match_word(struct walk *w, const char *word)
{
	size_t root = count_slashes(word);
	int err;

	w->found = w->last = NULL;
	w->nr = 0;
	err = add_name(w, "", word, root, "", 0);
	for (word += root; *word && w->found && !err;) {
		const char *slash = strchr(word, '/');
		size_t len = slash ? (size_t)(slash - word) : strlen(word);
		size_t nr_slashes = count_slashes(word + len);

		/*
		 * Directory by directory: what was found so far is where the next component is
		 * looked for.
		 */
		err = next_component(w, word, len, nr_slashes);
		word += len + nr_slashes;
	}
	if (!err)
		drop_missing(w);
	return err;
}

/* Append to the growing arguments of @stage. */
static int add_argument(char ***argv, int *argc, char *word)
{
	/* The size is a power of two whenever it must grow. */
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

/* One word of a command: itself, or the files for which it stands. These are kept in @e. */
static int expand_word(struct walk *w, struct shell_expansion *e, char *word, char ***argv,
		       int *argc)
{
	struct shell_name **end = &e->names;
	bool magic = has_magic(w->p, word, strlen(word));
	int err = magic ? match_word(w, word) : 0;

	/* Without a match the word is what a command like grep or echo was to be given. */
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
	/* A walk holds whole paths, which would be too much for a stack. */
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
