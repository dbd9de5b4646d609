/*
 * snapshot_new.c
 *		Tells whoever asks for a snapshot that its directory cannot be made, or
 *		is not empty, before a job is queued. The worker looks again, in
 *		org.pgwalrus.snapshot.files.NewDirectory.
 */
#include "postgres.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "snapshot_files.h"

PG_FUNCTION_INFO_V1(steep_check_new_directory);

static bool
is_full(int directory, const char *path)
{
	DIR		   *stream = fdopendir(directory);
	struct dirent *entry = NULL;
	int			error = errno;

	if (stream == NULL)
		close(directory);
	else
	{
		do
		{
			errno = 0;
			entry = readdir(stream);
			error = errno;
		} while (entry != NULL &&
				 (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
		closedir(stream);
	}
	if (entry == NULL && error != 0)
	{
		errno = error;
		steep_fail_to_open(path);
	}
	return entry != NULL;
}

static const char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : pnstrdup(path, slash - path);
}

/* Everybody could put another directory in the place of one that is made there. */
static void
check_mode(const char *parent)
{
	struct stat found;

	if (stat(parent, &found) == 0 && (found.st_mode & S_IWOTH) != 0 &&
		(found.st_mode & S_ISVTX) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("directory \"%s\" is writable by everybody and not sticky", parent),
				 errhint("Choose another directory, or take that permission away with \"chmod o-w\".")));
}

static void
check_existing(const char *path)
{
	check_mode(parent_of(path));
	if (is_full(steep_open_own_place(path), path))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_FILE),
				 errmsg("directory \"%s\" is not empty", path),
				 errhint("Choose a directory that is empty or does not exist.")));
}

static void
check_parent(const char *path)
{
	const char *parent = parent_of(path);
	struct stat found;
	bool		usable;
	int			at;

	if (stat(parent, &found) != 0 && errno == ENOENT)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("could not create directory \"%s\": its parent does not exist", path),
				 errhint("Create \"%s\" for the server's OS user.", parent)));
	check_mode(parent);
	at = steep_open_parent_place(parent);
	/* To read it, too, as the new entry is synced. */
	usable = faccessat(at, ".", R_OK | W_OK | X_OK, 0) == 0;
	close(at);
	if (!usable)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("could not create directory \"%s\": permission denied", path),
				 errhint("Let the server's OS user read and write \"%s\".", parent)));
}

/* check_new_directory(path): refuses a path where no directory of a new snapshot can be. */
Datum
steep_check_new_directory(PG_FUNCTION_ARGS)
{
	const char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	struct stat found;

	steep_check_snapshot_path(path, "pg_write_server_files");
	if (lstat(path, &found) != 0)
	{
		if (errno != ENOENT)
			steep_fail_to_open(path);
		check_parent(path);
	}
	else if (S_ISDIR(found.st_mode))
		check_existing(path);
	else
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_FILE),
				 errmsg("could not create directory \"%s\": a file or symbolic link is there", path),
				 errhint("Remove it, or choose another directory.")));
	PG_RETURN_VOID();
}
