/*
 * snapshot_read.c
 *		SQL functions that read the files of a snapshot: its manifest, and all
 *		of them to compare them with what the manifest says.
 */
#include "postgres.h"

#include <unistd.h>

#include "catalog/pg_type_d.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "snapshot_files.h"

#define MANIFEST "manifest.json"
#define MANIFEST_CHECKSUM "manifest.sha256"

/* The most that one jsonb value can hold. */
#define LONGEST_MANIFEST (256 * 1024 * 1024)

#define ERRCODE_STEEP_CORRUPT MAKE_SQLSTATE('S', 'R', '0', '0', '3')
#define RESTORE_HINT "Restore the file from another copy, or take the snapshot again."

PG_FUNCTION_INFO_V1(steep_stored_manifest);
PG_FUNCTION_INFO_V1(steep_check_snapshot_files);

static int
errcode_of(SteepFileState state)
{
	return state == STEEP_FILE_MISSING ? ERRCODE_UNDEFINED_FILE :
		state == STEEP_FILE_FORBIDDEN ? ERRCODE_INSUFFICIENT_PRIVILEGE : ERRCODE_IO_ERROR;
}

/* Reads what is in a file; false, and errno, when it cannot be read. */
static bool
read_file(int file, size_t size, StringInfo contents)
{
	enlargeStringInfo(contents, size);
	while ((size_t) contents->len < size)
	{
		ssize_t		count = read(file, contents->data + contents->len, size - contents->len);

		CHECK_FOR_INTERRUPTS();
		if (count == 0)
			break;
		if (count > 0)
			contents->len += count;
		else if (errno != EINTR)
			return false;
	}
	contents->data[contents->len] = '\0';
	return true;
}

/* Reads all of a file that may be missing; false when it is. */
static bool
read_whole(int directory, const char *path, const char *name, StringInfo contents)
{
	StringInfoData problem;
	struct stat found;
	SteepFileState state;
	int			file;
	volatile bool done = false;

	initStringInfo(&problem);
	state = steep_open_file(directory, name, &file, &found, &problem);
	if (state == STEEP_FILE_MISSING)
		return false;
	if (state != STEEP_FILE_OK)
		ereport(ERROR,
				(errcode(errcode_of(state)),
				 errmsg("file \"%s/%s\" %s", path, name, problem.data)));
	PG_TRY();
	{
		if (found.st_size > LONGEST_MANIFEST)
			ereport(ERROR,
					(errcode(ERRCODE_STEEP_CORRUPT),
					 errmsg("file \"%s/%s\" has %lld bytes, more than %d", path, name,
							(long long) found.st_size, LONGEST_MANIFEST),
					 errhint(RESTORE_HINT)));
		done = read_file(file, found.st_size, contents);
		if (!done)
			ereport(ERROR,
					(errcode(ERRCODE_IO_ERROR),
					 errmsg("could not read file \"%s/%s\": %m", path, name)));
	}
	PG_FINALLY();
	{
		close(file);
	}
	PG_END_TRY();
	return done;
}

static void
compare_checksum(const char *path, const char *hex, const char *recorded)
{
	if (strncmp(hex, recorded, STEEP_HEX_SIZE - 1) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_STEEP_CORRUPT),
				 errmsg("manifest \"%s/%s\" has not the checksum that %s tells", path, MANIFEST,
						MANIFEST_CHECKSUM),
				 errhint(RESTORE_HINT)));
}

static void
read_manifest(int directory, const char *path, StringInfo contents)
{
	StringInfoData recorded;
	char		hex[STEEP_HEX_SIZE];

	initStringInfo(&recorded);
	if (!read_whole(directory, path, MANIFEST, contents))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("directory \"%s\" holds no complete snapshot: it has no %s", path, MANIFEST),
				 errhint("Check the path, or wait until the snapshot is complete.")));
	if (read_whole(directory, path, MANIFEST_CHECKSUM, &recorded))
	{
		steep_hash_bytes(contents->data, contents->len, hex);
		compare_checksum(path, hex, recorded.data);
	}
	if (!pg_verify_mbstr(PG_UTF8, contents->data, contents->len, true))
		ereport(ERROR,
				(errcode(ERRCODE_STEEP_CORRUPT),
				 errmsg("manifest \"%s/%s\" is not legal: it is not in UTF-8", path, MANIFEST),
				 errhint(RESTORE_HINT)));
}

/* stored_manifest(path): the manifest in a directory as it is, once it has passed its checksum. */
Datum
steep_stored_manifest(PG_FUNCTION_ARGS)
{
	char	   *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			directory = steep_open_snapshot(path);
	StringInfoData contents;

	initStringInfo(&contents);
	PG_TRY();
	{
		read_manifest(directory, path, &contents);
	}
	PG_FINALLY();
	{
		close(directory);
	}
	PG_END_TRY();
	PG_RETURN_TEXT_P(cstring_to_text(pg_any_to_server(contents.data, contents.len, PG_UTF8)));
}

/* Compares an open file with what it should be. */
static SteepFileState
compare(int file, const struct stat *found, const int64 *size, const char *checksum,
		StringInfo problem)
{
	char		hex[STEEP_HEX_SIZE];

	if (size != NULL && found->st_size != *size)
	{
		appendStringInfo(problem, "has %lld bytes instead of %lld", (long long) found->st_size,
						 (long long) *size);
		return STEEP_FILE_SIZE;
	}
	if (!steep_hash_file(file, hex))
	{
		appendStringInfo(problem, "could not be read: %m");
		return STEEP_FILE_UNREADABLE;
	}
	if (strcmp(psprintf("sha256:%s", hex), checksum) != 0)
	{
		appendStringInfo(problem, "has checksum sha256:%s instead of %s", hex, checksum);
		return STEEP_FILE_CHECKSUM;
	}
	return STEEP_FILE_OK;
}

static SteepFileState
check_file(int directory, const char *name, const int64 *size, const char *checksum,
		   StringInfo problem)
{
	struct stat found;
	int			file;
	volatile SteepFileState state = steep_open_file(directory, name, &file, &found, problem);

	if (state != STEEP_FILE_OK)
		return state;
	PG_TRY();
	{
		state = compare(file, &found, size, checksum, problem);
	}
	PG_FINALLY();
	{
		close(file);
	}
	PG_END_TRY();
	return state;
}

static void
put_file(ReturnSetInfo *result, int directory, Datum name, const int64 *size, Datum checksum)
{
	static const char *const names[] = {"ok", "missing", "size", "checksum", "forbidden",
	"unreadable"};
	bool		nulls[] = {false, false, false};
	Datum		values[lengthof(nulls)];
	StringInfoData problem;
	SteepFileState state;

	initStringInfo(&problem);
	state = check_file(directory, TextDatumGetCString(name), size, TextDatumGetCString(checksum),
					   &problem);
	values[0] = name;
	values[1] = CStringGetTextDatum(names[state]);
	values[2] = CStringGetTextDatum(problem.data);
	nulls[2] = state == STEEP_FILE_OK;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
take_apart(ArrayType *array, Oid type, Datum **elements, bool **nulls, int *count)
{
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, elements, nulls, count);
}

static void
check_files(ReturnSetInfo *result, int directory, ArrayType *names, ArrayType *sizes,
			ArrayType *checksums)
{
	MemoryContext each = AllocSetContextCreate(CurrentMemoryContext, "file of a snapshot",
											   ALLOCSET_DEFAULT_SIZES);
	Datum	   *name;
	Datum	   *size;
	Datum	   *checksum;
	bool	   *unknown;
	int			counts[3];

	take_apart(names, TEXTOID, &name, NULL, &counts[0]);
	take_apart(sizes, INT8OID, &size, &unknown, &counts[1]);
	take_apart(checksums, TEXTOID, &checksum, NULL, &counts[2]);
	if (counts[0] != counts[1] || counts[0] != counts[2])
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the arrays must be of the same length")));
	for (int i = 0; i < counts[0]; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(each);
		int64		expected = unknown[i] ? 0 : DatumGetInt64(size[i]);

		put_file(result, directory, name[i], unknown[i] ? NULL : &expected, checksum[i]);
		MemoryContextSwitchTo(old);
		MemoryContextReset(each);
	}
}

/* check_snapshot_files(path, files, sizes, checksums): how each is; a size that is null is not known. */
Datum
steep_check_snapshot_files(PG_FUNCTION_ARGS)
{
	int			directory;

	InitMaterializedSRF(fcinfo, 0);
	directory = steep_open_snapshot(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_TRY();
	{
		check_files((ReturnSetInfo *) fcinfo->resultinfo, directory, PG_GETARG_ARRAYTYPE_P(1),
					PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	}
	PG_FINALLY();
	{
		close(directory);
	}
	PG_END_TRY();
	return (Datum) 0;
}
