/*
 * snapshot_open.c
 *		Opens files of a snapshot by names that a manifest gives, which
 *		anybody may have written: never through a symbolic link, never what is
 *		not a regular file of the server's OS user, and without waiting.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "snapshot_files.h"

/* As org.pgwalrus.snapshot.files.RelativePath has them. */
#define LONGEST_NAME 255
#define DEEPEST 8

PG_FUNCTION_INFO_V1(steep_snapshot_name_problem);

/* The SQLSTATE of what the operating system answered; the server's own choice varies by version. */
int
steep_errcode_for_file(int error)
{
	switch (error)
	{
		case ENOENT:
		case ENOTDIR:
			return ERRCODE_UNDEFINED_FILE;
		case EACCES:
		case EPERM:
		case ELOOP:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		default:
			return ERRCODE_IO_ERROR;
	}
}

static const char *
component_problem(const char *name, size_t length)
{
	if (length == 0 || (length == 1 && name[0] == '.') ||
		(length == 2 && name[0] == '.' && name[1] == '.'))
		return "has a component that is empty, \".\" or \"..\"";
	if (length > LONGEST_NAME)
		return "has a component of more than 255 bytes";
	for (size_t i = 0; i < length; i++)
	{
		if (name[i] <= ' ' || name[i] >= 0x7f || name[i] == '\\')
			return "has a character that is not printable ASCII";
	}
	return NULL;
}

/* Why no file of a snapshot has this path in its directory; NULL when one may. */
const char *
steep_file_name_problem(const char *path)
{
	int			depth = 0;

	if (path[0] == '/')
		return "is absolute";
	for (const char *name = path;; name++)
	{
		size_t		length = strcspn(name, "/");
		const char *problem = component_problem(name, length);

		if (problem != NULL)
			return problem;
		if (++depth > DEEPEST)
			return "has more than 8 components";
		name += length;
		if (*name == '\0')
			return NULL;
	}
}

/* snapshot_name_problem(name): why a manifest must not name this file; null when it may. */
Datum
steep_snapshot_name_problem(PG_FUNCTION_ARGS)
{
	const char *problem = steep_file_name_problem(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	if (problem == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(problem));
}

/* Whether nobody but the server's OS user could have put something there. */
bool
steep_check_access(const struct stat *found, StringInfo problem)
{
	if (found->st_uid != geteuid())
		appendStringInfo(problem, "belongs to another OS user (UID %u)",
						 (unsigned int) found->st_uid);
	else if ((found->st_mode & S_IWOTH) != 0)
		appendStringInfoString(problem, "is writable by everybody");
	else
		return true;
	return false;
}

static SteepFileState
failed(StringInfo problem)
{
	if (errno == ENOENT)
	{
		appendStringInfoString(problem, "does not exist");
		return STEEP_FILE_MISSING;
	}
	appendStringInfo(problem, "could not be opened: %m");
	return errno == ELOOP || errno == ENOTDIR ? STEEP_FILE_FORBIDDEN : STEEP_FILE_UNREADABLE;
}

static bool
is_fit(const struct stat *found, mode_t type, StringInfo problem)
{
	if ((found->st_mode & S_IFMT) == type)
		return steep_check_access(found, problem);
	appendStringInfo(problem, "is not a %s", type == S_IFDIR ? "directory" : "regular file");
	return false;
}

/* Opens what has a name in a directory, if it is of a type and nobody else's. */
static SteepFileState
open_one(int directory, const char *name, mode_t type, int *opened, struct stat *found,
		 StringInfo problem)
{
	/* To open a pipe or a device could wait, or do something: look first, and again at what came. */
	if (fstatat(directory, name, found, AT_SYMLINK_NOFOLLOW) != 0)
		return failed(problem);
	if (!is_fit(found, type, problem))
		return STEEP_FILE_FORBIDDEN;
	*opened = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*opened < 0)
		return failed(problem);
	if (fstat(*opened, found) != 0)
	{
		SteepFileState state = failed(problem);

		close(*opened);
		return state;
	}
	if (!is_fit(found, type, problem))
	{
		close(*opened);
		return STEEP_FILE_FORBIDDEN;
	}
	return STEEP_FILE_OK;
}

/*
 * Opens a file for reading, which the caller closes if the state is
 * STEEP_FILE_OK; else "problem" continues a sentence that begins with its name.
 */
SteepFileState
steep_open_file(int directory, const char *path, int *file, struct stat *found,
				StringInfo problem)
{
	const char *illegal = steep_file_name_problem(path);
	SteepFileState state = STEEP_FILE_OK;
	char	   *rest;
	char	   *name;
	int			at = directory;

	if (illegal != NULL)
	{
		appendStringInfoString(problem, illegal);
		return STEEP_FILE_FORBIDDEN;
	}
	for (name = strtok_r(pstrdup(path), "/", &rest); name != NULL && state == STEEP_FILE_OK;)
	{
		char	   *after = strtok_r(NULL, "/", &rest);
		int			next = -1;	/* keep compiler quiet */

		state = open_one(at, name, after != NULL ? S_IFDIR : S_IFREG, &next, found, problem);
		if (at != directory)
			close(at);
		if (state == STEEP_FILE_OK)
			at = next;
		name = after;
	}
	*file = at;
	return state;
}
