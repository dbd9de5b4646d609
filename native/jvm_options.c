/*
 * jvm_options.c
 *		The options of the JVM: the fixed ones, those that only this server
 *		knows, and the superuser's.
 */
#include "postgres.h"

#include <unistd.h>

#include "miscadmin.h"
#include "postmaster/syslogger.h"
#include "utils/memutils.h"

#include "jvm.h"

/* Room for hooks and options that are not the superuser's. */
#define OWN_OPTIONS 64

static const char *const hooks[] = {"abort", "exit", "vfprintf"};

static JavaVMOption *options;
static int	count;
static StringInfoData option_text;

static void
add(char *option)
{
	options[count].optionString = option;
	options[count].extraInfo = NULL;
	count++;
	appendStringInfo(&option_text, "%s%s", option_text.len > 0 ? " " : "", option);
}

static void
add_all(const char *const *list)
{
	for (; *list != NULL; list++)
		add(pstrdup(*list));
}

/* A crash report must not land in the data directory, the working directory. */
static char *
error_file_option(void)
{
	if (is_absolute_path(Log_directory) && access(Log_directory, W_OK) == 0)
		return psprintf("-XX:ErrorFile=%s/pg_walrus_jvm_%%p.log", Log_directory);
	return pstrdup("-XX:ErrorFile=/dev/null");
}

/*
 * Libraries load their native code from where it was installed.  What they
 * cannot find there they would unpack into the temporary directory: that is a
 * place where the server cannot write.
 */
static void
add_library_options(const WalrusJvmFiles *files)
{
	if (files->libraries[0] == '\0')
		return;
	add(psprintf("-Djava.library.path=%s", files->libraries));
	add(psprintf("-Djava.io.tmpdir=%s", files->libraries));
}

/* The options in one line, for messages. */
const char *
walrus_jvm_option_text(void)
{
	return option_text.data;
}

/* Arguments for JNI_CreateJavaVM(), kept for the life of the process. */
JavaVMInitArgs
walrus_jvm_build_arguments(const WalrusProgram *program, const WalrusJvmFiles *files, int stack_kb)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	JavaVMInitArgs arguments;
	char	   *rest = pstrdup(*program->more_options);
	char	   *word;

	initStringInfo(&option_text);
	/* A word of the superuser's needs two characters at least. */
	options = palloc(sizeof(JavaVMOption) * (OWN_OPTIONS + strlen(*program->more_options) / 2 + 1));
	count = 0;
	for (size_t i = 0; i < lengthof(hooks); i++)
		options[count++] = walrus_jvm_hook_option(hooks[i]);
	add_all(program->fixed_options);
	if (program->heap_option != NULL)
		add(pstrdup(program->heap_option));
	if (files->java_version == WALRUS_TUNED_JAVA_VERSION)
		add_all(walrus_jvm_tuned_options);
	add(psprintf("-Djava.class.path=%s", files->classpath));
	add_library_options(files);
	add(error_file_option());
	if (files->cache[0] != '\0')
		add(psprintf("-XX:AOTCache=%s", files->cache));
	while ((word = strsep(&rest, " ")) != NULL)
	{
		if (word[0] != '\0')
			add(word);
	}

	/* The last one counts: what would crash the cluster cannot be changed. */
	add_all(walrus_jvm_last_options);
	add(psprintf("-Xss%dk", stack_kb));
	MemoryContextSwitchTo(old);

	arguments.version = JNI_VERSION_24;
	arguments.nOptions = count;
	arguments.options = options;
	arguments.ignoreUnrecognized = JNI_FALSE;
	return arguments;
}
