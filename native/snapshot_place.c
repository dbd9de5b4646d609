/*
 * snapshot_place.c
 *		Opens the directory of a snapshot, where the role in effect may have
 *		one: the counterpart of org.pgwalrus.snapshot.files.Placement for
 *		sessions, which have no JVM.
 *
 * The real path is walked from the root, directory by directory and never
 * through a symbolic link, so that what is checked is what is opened.
 */
#include "postgres.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "snapshot_files.h"
#include "walrus.h"

/* To pass through a directory needs no right to read it. */
#ifdef O_PATH
#define PASSING O_PATH
#else
#define PASSING O_RDONLY
#endif

#define SETTING "steep_repl.snapshot_directory"

/* Directories that are known by what they are, whatever path leads to them. */
typedef struct Places
{
	struct stat *reserved;		/* the data directory, and what it has elsewhere */
	int			count;
	bool		confined;		/* whether snapshots lie below "root" alone */
	struct stat root;
} Places;

/* Refuses a path where the role in effect may have no snapshot. */
void
steep_check_snapshot_path(const char *path, const char *role_for_files)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(path), CStringGetTextDatum(role_for_files)};

	/* Without it the setting could be anybody's. */
	walrus_require_preload();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT steep_repl.check_snapshot_path($1, $2::name)",
							  2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not check the path of a snapshot");
	SPI_finish();
}

static bool
is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* What is not there reserves nothing. */
static void
reserve(Places *places, const char *path)
{
	places->reserved = places->reserved == NULL ? palloc(sizeof(struct stat)) :
		repalloc(places->reserved, (places->count + 1) * sizeof(struct stat));
	if (stat(path, &places->reserved[places->count]) == 0)
		places->count++;
}

static void
find_places(Places *places)
{
	const char *root = GetConfigOption(SETTING, true, false);
	DIR		   *tablespaces = AllocateDir("pg_tblspc");
	struct dirent *entry;

	memset(places, 0, sizeof(*places));
	reserve(places, DataDir);
	reserve(places, "pg_wal");
	while ((entry = ReadDir(tablespaces, "pg_tblspc")) != NULL)
	{
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			reserve(places, psprintf("pg_tblspc/%s", entry->d_name));
	}
	FreeDir(tablespaces);

	places->confined = root != NULL && *root != '\0';
	if (places->confined && stat(root, &places->root) != 0)
	{
		int			code = steep_errcode_for_file(errno);

		ereport(ERROR,
				(errcode(code),
				 errmsg("could not find the directory \"%s\" of %s: %m", root, SETTING),
				 errhint("Create it for the server's OS user, or change the setting.")));
	}
}

static void
refuse_reserved(const Places *places, const struct stat *passed, const char *path)
{
	for (int i = 0; i < places->count; i++)
	{
		if (is_same(passed, &places->reserved[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("directory \"%s\" is inside the data directory or a tablespace", path),
					 errhint("Choose a directory outside the data directory and the tablespaces.")));
	}
}

_Noreturn void
steep_fail_to_open(const char *path)
{
	int			code = steep_errcode_for_file(errno);

	ereport(ERROR,
			(errcode(code),
			 errmsg("could not open directory \"%s\": %m", path),
			 errhint("Check the path, and whether the server's OS user can access it.")));
}

/* Goes on from a directory to one in it, and closes the first. */
static int
enter(int from, const char *name, int flags, const char *path)
{
	int			to = openat(from, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int			error = errno;

	close(from);
	errno = error;
	if (to < 0)
		steep_fail_to_open(path);
	return to;
}

static void
refuse_strange(const struct stat *found, const char *path)
{
	StringInfoData problem;

	initStringInfo(&problem);
	if (!steep_check_access(found, &problem))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("directory \"%s\" %s", path, problem.data),
				 errhint("The directory of a snapshot is the server's OS user's own.")));
}

static int
walk(const Places *places, char *real, const char *path, bool is_parent)
{
	volatile int at = open("/", PASSING | O_DIRECTORY | O_CLOEXEC);
	volatile bool below = !places->confined;
	struct stat passed;
	char	   *rest;

	PG_TRY();
	{
		int			next = at;
		char	   *name = strtok_r(real, "/", &rest);

		if (next < 0 || fstat(next, &passed) != 0)
			steep_fail_to_open(path);
		while (name != NULL)
		{
			char	   *after = strtok_r(NULL, "/", &rest);

			below = below || is_same(&passed, &places->root);
			/* It is closed in any case. */
			at = -1;
			at = next = enter(next, name, is_parent || after != NULL ? PASSING : O_RDONLY, path);
			if (fstat(next, &passed) != 0)
				steep_fail_to_open(path);
			refuse_reserved(places, &passed, path);
			name = after;
		}
		if (!below && !(is_parent && is_same(&passed, &places->root)))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("directory \"%s\" leads out of the one that %s names", path, SETTING),
					 errhint("Choose a directory below it.")));
		if (!is_parent)
			refuse_strange(&passed, path);
	}
	PG_CATCH();
	{
		if (at >= 0)
			close(at);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return at;
}

static int
open_place(const char *path, bool is_parent)
{
	Places		places;
	char		real[PATH_MAX];

	find_places(&places);
	if (realpath(path, real) == NULL)
		steep_fail_to_open(path);
	return walk(&places, real, path, is_parent);
}

/* The directory of a snapshot, to read in it; the caller closes it. */
int
steep_open_own_place(const char *path)
{
	return open_place(path, false);
}

/* A directory, whosever it is, that a snapshot may have its own in; the caller closes it. */
int
steep_open_parent_place(const char *path)
{
	return open_place(path, true);
}

/* The open directory of a snapshot that is to be read; the caller closes it. */
int
steep_open_snapshot(const char *path)
{
	steep_check_snapshot_path(path, "pg_read_server_files");
	return steep_open_own_place(path);
}
