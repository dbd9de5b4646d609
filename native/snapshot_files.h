/*
 * snapshot_files.h
 *		What SQL functions need to read the files of a snapshot.
 */
#ifndef WALRUS_SNAPSHOT_FILES_H
#define WALRUS_SNAPSHOT_FILES_H

#include <sys/stat.h>

#include "lib/stringinfo.h"

/* How a file is, in the order of org.pgwalrus.snapshot.files.FileCheck.Status. */
typedef enum SteepFileState
{
	STEEP_FILE_OK,
	STEEP_FILE_MISSING,
	STEEP_FILE_SIZE,
	STEEP_FILE_CHECKSUM,
	STEEP_FILE_FORBIDDEN,
	STEEP_FILE_UNREADABLE
} SteepFileState;

/* What sha256sum prints, with its end. */
#define STEEP_HEX_SIZE 65

/* snapshot_place.c */
extern void steep_check_snapshot_path(const char *path, const char *role_for_files);
extern _Noreturn void steep_fail_to_open(const char *path);
extern int	steep_open_own_place(const char *path);
extern int	steep_open_parent_place(const char *path);
extern int	steep_open_snapshot(const char *path);

/* snapshot_open.c */
extern int	steep_errcode_for_file(int error);
extern const char *steep_file_name_problem(const char *path);
extern bool steep_check_access(const struct stat *found, StringInfo problem);
extern SteepFileState steep_open_file(int directory, const char *path, int *file,
									  struct stat *found, StringInfo problem);

/* snapshot_hash.c */
extern void steep_hash_bytes(const char *bytes, size_t length, char *hex);
extern bool steep_hash_file(int file, char *hex);

#endif							/* WALRUS_SNAPSHOT_FILES_H */
