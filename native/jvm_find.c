/*
 * jvm_find.c
 *		Finds the JVM and the jar, and says what is wrong with them.
 *
 * Everything that can be seen from outside is checked here, before a JVM is
 * made: a JVM that fails to start may take the process with it.
 */
#include "postgres.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"

#include "walrus.h"

#define MIN_JAVA_VERSION 25
#define LIBJVM "/lib/server/libjvm"

#ifdef __darwin__
#define LIBJVM_SUFFIX ".dylib"
#else
#define LIBJVM_SUFFIX ".so"
#endif

#define STANDARD_PLACE "/usr/lib/jvm"

/* Whether a file can be read, and not everybody may put another in its place. */
bool
walrus_jvm_check_file(const char *path, StringInfo problem)
{
	char		place[MAXPGPATH];
	struct stat st;

	if (access(path, R_OK) != 0)
	{
		appendStringInfo(problem, "could not read \"%s\": %m; ", path);
		return false;
	}
	strlcpy(place, path, sizeof(place));
	while (stat(place[0] != '\0' ? place : ".", &st) == 0)
	{
		if ((st.st_mode & S_IWOTH) != 0)
		{
			appendStringInfo(problem, "not using \"%s\": everybody may write to \"%s\"; ",
							 path, place);
			return false;
		}
		if (S_ISDIR(st.st_mode))
			break;
		get_parent_directory(place);
	}
	return true;
}

/* The major version in a JDK's "release" file; 0 when there is none. */
static int
java_version(const char *home)
{
	static const char key[] = "JAVA_VERSION=\"";
	char		path[MAXPGPATH];
	char		line[MAXPGPATH];
	FILE	   *file;
	int			version = 0;

	snprintf(path, sizeof(path), "%s/release", home);
	file = AllocateFile(path, PG_BINARY_R);
	if (file == NULL)
		return 0;
	while (version == 0 && fgets(line, sizeof(line), file) != NULL)
	{
		if (strncmp(line, key, strlen(key)) == 0)
			version = atoi(line + strlen(key));
	}
	FreeFile(file);
	return version;
}

/* Whether "home" holds a JVM that will do; otherwise adds why not. */
static bool
check_home(const char *home, WalrusJvmFiles *files, StringInfo problem)
{
	int			version = java_version(home);
	char	   *libjvm = files->libjvm;

	files->java_version = version;
	snprintf(libjvm, MAXPGPATH, "%s%s%s", home, LIBJVM, LIBJVM_SUFFIX);
	if (!walrus_jvm_check_file(libjvm, problem))
		return false;
	if (version == 0)
		appendStringInfo(problem, "no Java version in \"%s/release\"; ", home);
	else if (version < MIN_JAVA_VERSION)
		appendStringInfo(problem, "\"%s\" is Java %d, not %d or later; ",
						 home, version, MIN_JAVA_VERSION);
	return version >= MIN_JAVA_VERSION;
}

/* The library that walrus.libjvm names: no other is tried. */
static bool
check_named(WalrusJvmFiles *files, StringInfo problem)
{
	char		home[MAXPGPATH];
	char	   *tail;

	strlcpy(files->libjvm, walrus_libjvm, MAXPGPATH);
	strlcpy(home, walrus_libjvm, MAXPGPATH);
	tail = strstr(home, LIBJVM);
	if (tail != NULL && strcmp(tail + strlen(LIBJVM), LIBJVM_SUFFIX) == 0)
	{
		*tail = '\0';
		return check_home(home, files, problem);
	}

	/* Outside a JDK there is no version to read: the JVM will be asked. */
	files->java_version = 0;
	return walrus_jvm_check_file(files->libjvm, problem);
}

/* The JDKs that distributions install, the first by name that will do. */
static bool
search_standard_place(WalrusJvmFiles *files, StringInfo problem)
{
	StringInfo	passed_over = makeStringInfo();
	struct dirent **entries;
	int			count = scandir(STANDARD_PLACE, &entries, NULL, alphasort);
	bool		found = false;

	for (int i = 0; i < count; i++)
	{
		char		home[MAXPGPATH];

		snprintf(home, sizeof(home), "%s/%s", STANDARD_PLACE, entries[i]->d_name);
		found = found || (entries[i]->d_name[0] != '.' &&
						  check_home(home, files, passed_over));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (!found)
		appendStringInfo(problem, "no JDK %d or later in \"%s\": %s",
						 MIN_JAVA_VERSION, STANDARD_PLACE,
						 passed_over->len > 0 ? passed_over->data : "nothing there; ");
	return found;
}

static bool
find_libjvm(WalrusJvmFiles *files, StringInfo problem)
{
	const char *java_home = getenv("JAVA_HOME");

	if (walrus_libjvm[0] != '\0')
		return check_named(files, problem);

	if (java_home != NULL && java_home[0] != '\0')
	{
		if (check_home(java_home, files, problem))
			return true;
		ereport(LOG,
				(errmsg("pg_walrus: not using JAVA_HOME: %.*s",
						problem->len - 2, problem->data)));
	}
	return check_home(WALRUS_JAVA_HOME, files, problem) ||
		search_standard_place(files, problem);
}

static bool
check_classpath(WalrusJvmFiles *files, StringInfo problem)
{
	size_t		length;
	char	   *rest;
	char	   *element;

	if (walrus_classpath[0] != '\0')
		strlcpy(files->classpath, walrus_classpath, sizeof(files->classpath));
	else
		snprintf(files->classpath, sizeof(files->classpath), "%s/pg_walrus/pg_walrus.jar", pkglib_path);
	length = strcspn(files->classpath, ":");
	strlcpy(files->jar, files->classpath, Min(length + 1, sizeof(files->jar)));

	rest = pstrdup(files->classpath);
	while ((element = strsep(&rest, ":")) != NULL)
	{
		if (!walrus_jvm_check_file(element, problem))
			return false;
	}
	return true;
}

/* Fills in "files", or says in "problem" what is missing. */
bool
walrus_jvm_find(const WalrusProgram *program, WalrusJvmFiles *files, StringInfo problem)
{
	bool		found = find_libjvm(files, problem);

	files->libraries[0] = '\0';
	if (found)
	{
		resetStringInfo(problem);
		found = check_classpath(files, problem);
	}
	if (found)
	{
		walrus_jvm_find_cache(program, files);
		found = !program->needs_libraries || walrus_jvm_add_libraries(files, problem);
	}
	if (!found)
	{
		problem->len -= 2;
		problem->data[problem->len] = '\0';
	}
	return found;
}
