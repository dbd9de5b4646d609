/*
 * jvm_hooks.c
 *		What the JVM calls instead of leaving the process or writing to stdout.
 *
 * A process that ends without the server's exit callbacks restarts the whole
 * cluster.  A JVM that cannot start, and Java code that calls System.exit(),
 * would do just that; these hooks turn both into an orderly end of the worker.
 */
#include "postgres.h"

#include <pthread.h>
#include <signal.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"

#include "jvm.h"

/* JVM messages come in pieces; this much of a line is kept. */
#define LINE_SIZE 1024

static const WalrusProgram *program;
static volatile bool starting = false;
static pthread_t main_thread;

/* Brackets the creation of the JVM. */
void
walrus_jvm_hooks_starting(const WalrusProgram *made_for, bool is_starting)
{
	program = made_for;
	main_thread = pthread_self();
	starting = is_starting;
}

static void JNICALL
abort_hook(void)
{
	/* Later a crash may have damaged shared memory: then a restart is right. */
	if (!starting || !pthread_equal(pthread_self(), main_thread))
		return;

	sigprocmask(SIG_SETMASK, &UnBlockSig, NULL);
	*program->cache_suspect = true;
	program->failed("the JVM could not start");
	ereport(FATAL,
			(errmsg("pg_walrus: the JVM could not start"),
			 errdetail("Its own message stands above. Options: %s", walrus_jvm_option_text()),
			 errhint("Check %s and the memory that is available.", program->more_options_setting)));
}

/* Runs on a thread of the JVM while the main thread waits for it. */
static void JNICALL
exit_hook(jint code)
{
	(void) set_stack_base();
	program->failed(psprintf("the JVM ended with exit code %d", (int) code));
	ereport(FATAL,
			(errmsg("pg_walrus: the JVM ended with exit code %d", (int) code)));
}

/* Later the JVM may write while it handles a crash, where ereport() could hang. */
static void
write_line(const char *line)
{
	if (starting && pthread_equal(pthread_self(), main_thread))
		ereport(LOG, (errmsg("pg_walrus: JVM: %s", line)));
	else
		write_stderr("pg_walrus: JVM: %s\n", line);
}

static __attribute__((format(printf, 2, 0))) jint JNICALL
vfprintf_hook(FILE *stream, const char *format, va_list arguments)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static char line[LINE_SIZE];
	static size_t length = 0;
	char		piece[LINE_SIZE];
	int			written = vsnprintf(piece, sizeof(piece), format, arguments);

	pthread_mutex_lock(&mutex);
	for (const char *c = piece; *c != '\0'; c++)
	{
		if (*c != '\n' && length < sizeof(line) - 1)
			line[length++] = *c;
		if (*c == '\n' || length == sizeof(line) - 1)
		{
			line[length] = '\0';
			if (length > 0)
				write_line(line);
			length = 0;
		}
	}
	pthread_mutex_unlock(&mutex);
	return written;
}

JavaVMOption
walrus_jvm_hook_option(const char *name)
{
	JavaVMOption option;

	option.optionString = unconstify(char *, name);
	if (strcmp(name, "abort") == 0)
		option.extraInfo = (void *) abort_hook;
	else if (strcmp(name, "exit") == 0)
		option.extraInfo = (void *) exit_hook;
	else
		option.extraInfo = (void *) vfprintf_hook;
	return option;
}
