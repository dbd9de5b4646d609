/*
 * jvm_libraries.c
 *		Adds to the class path the libraries that jobs need.
 *
 * They lie in "lib" beside our jar, so that a jar elsewhere has those that it
 * was built with.  A jar without any will do: the jobs that need a library
 * say so.  They come right behind the jar, as in the AOT cache.
 */
#include "postgres.h"

#include <dirent.h>
#include <sys/stat.h>

#include "walrus.h"

static int
is_jar(const struct dirent *entry)
{
	const char *suffix = strrchr(entry->d_name, '.');

	return suffix != NULL && strcmp(suffix, ".jar") == 0;
}

/* The directory beside the jar. */
static void
find_directory(WalrusJvmFiles *files)
{
	struct stat st;
	char		directory[MAXPGPATH];

	strlcpy(directory, files->jar, sizeof(directory));
	get_parent_directory(directory);
	snprintf(files->libraries, MAXPGPATH, "%s/lib", directory);
	if (stat(files->libraries, &st) != 0)
		files->libraries[0] = '\0';
}

static bool
append(const char *text, WalrusJvmFiles *files, StringInfo problem)
{
	if (strlcat(files->classpath, text, sizeof(files->classpath)) < sizeof(files->classpath))
		return true;
	appendStringInfo(problem, "the class path with \"%s\" is too long; ", files->libraries);
	return false;
}

static bool
add_jar(const char *name, WalrusJvmFiles *files, StringInfo problem)
{
	char		jar[MAXPGPATH];

	snprintf(jar, sizeof(jar), "%s/%s", files->libraries, name);
	if (!walrus_jvm_check_file(jar, problem))
		return false;
	return append(":", files, problem) && append(jar, files, problem);
}

/* Adds the jars in the order of their names, or says why one will not do. */
bool
walrus_jvm_add_libraries(WalrusJvmFiles *files, StringInfo problem)
{
	struct dirent **entries;
	int			count;
	char	   *jar_end;
	char	   *rest;
	bool		added = true;

	find_directory(files);
	if (files->libraries[0] == '\0')
		return true;
	count = scandir(files->libraries, &entries, is_jar, alphasort);
	if (count < 0)
	{
		appendStringInfo(problem, "could not read directory \"%s\": %m; ", files->libraries);
		return false;
	}
	jar_end = files->classpath + strcspn(files->classpath, ":");
	rest = pstrdup(jar_end);
	*jar_end = '\0';
	for (int i = 0; i < count; i++)
	{
		added = added && add_jar(entries[i]->d_name, files, problem);
		free(entries[i]);
	}
	free(entries);
	return added && append(rest, files, problem);
}
