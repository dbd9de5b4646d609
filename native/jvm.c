/*
 * jvm.c
 *		Makes the JVM in the worker's main thread and calls its two methods.
 *
 * All signals are blocked until Java's start method has returned: the threads
 * that the JVM makes meanwhile inherit the mask, and the server's handlers
 * never run on them.
 */
#include "postgres.h"

#include <dlfcn.h>
#include <signal.h>

#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"

#include "jvm.h"

/*
 * The JVM puts a guard zone this far below the top of the stack.  It must lie
 * below the depth that the server allows itself, or plain C code would run
 * into it; the rest is for the environment above and the JVM's own zones.
 */
#define STACK_SLACK_KB 1024

typedef jint (JNICALL *CreateJavaVM) (JavaVM **vm, void **env, void *arguments);

/* With this exported, Java's symbol lookup sees what the process exports. */
extern PGDLLEXPORT jint JNICALL JNI_OnLoad_pg_walrus(JavaVM *vm, void *reserved);

static WalrusProgram program;
static JNIEnv *env;
static jclass main_class;
static jmethodID cycle_method;
static jmethodID to_string_method;

jint JNICALL
JNI_OnLoad_pg_walrus(JavaVM *vm, void *reserved)
{
	return JNI_VERSION_24;
}

static CreateJavaVM
load_library(const char *libjvm)
{
	void	   *library = dlopen(libjvm, RTLD_NOW | RTLD_LOCAL);
	void	   *create = library ? dlsym(library, "JNI_CreateJavaVM") : NULL;

	if (create == NULL)
	{
		const char *reason = dlerror();

		program.failed(reason);
		ereport(FATAL,
				(errmsg("pg_walrus: could not start JVM: could not load \"%s\"", libjvm),
				 errdetail("%s", reason),
				 errhint("Point walrus.libjvm at the libjvm of JDK 25 or later.")));
	}
	return (CreateJavaVM) create;
}

static void
create(const WalrusJvmFiles *files, int stack_kb)
{
	CreateJavaVM create_java_vm = load_library(files->libjvm);
	JavaVMInitArgs arguments = walrus_jvm_build_arguments(&program, files, stack_kb);
	JavaVM	   *vm;
	jint		result;

	ereport((*program.more_options)[0] != '\0' ? LOG : DEBUG1,
			(errmsg_internal("pg_walrus: starting JVM \"%s\" with options: %s",
							 files->libjvm, walrus_jvm_option_text())));

	/* Read by the JVM itself; they may be meant for other programs. */
	unsetenv("JAVA_TOOL_OPTIONS");
	unsetenv("_JAVA_OPTIONS");

	walrus_jvm_hooks_starting(&program, true);
	result = create_java_vm(&vm, (void **) &env, &arguments);
	walrus_jvm_hooks_starting(&program, false);

	if (result == JNI_OK)
		return;
	program.failed(psprintf("the JVM answered with error %d", (int) result));
	ereport(FATAL,
			(errmsg("pg_walrus: could not start JVM: \"%s\" answered with error %d",
					files->libjvm, (int) result),
			 errdetail("Options: %s", walrus_jvm_option_text()),
			 result == JNI_EVERSION ?
			 errhint("Point walrus.libjvm at the libjvm of JDK 25 or later.") :
			 errhint("Check %s.", program.more_options_setting)));
}

/* Ends the worker when Java's side of the start has failed. */
static void
fail_start(const WalrusJvmFiles *files)
{
	static char failure[WALRUS_TEXT_SIZE];

	if (!walrus_jvm_take_exception(failure))
		strlcpy(failure, "no exception", sizeof(failure));
	program.failed(failure);
	ereport(FATAL,
			(errmsg("pg_walrus: could not start the decision engine: %s", failure),
			 errdetail("Class path: %s", files->classpath),
			 errhint("Install library and jar from one build with \"make install\", and check walrus.classpath.")));
}

static void
find_methods(const WalrusJvmFiles *files, jmethodID *start_method)
{
	jclass		throwable = (*env)->FindClass(env, "java/lang/Throwable");
	jclass		found;

	to_string_method = (*env)->GetMethodID(env, throwable, "toString",
										   "()Ljava/lang/String;");
	found = (*env)->FindClass(env, program.main_class);
	if (found == NULL)
		fail_start(files);
	main_class = (*env)->NewGlobalRef(env, found);
	*start_method = (*env)->GetStaticMethodID(env, main_class, "start",
											  "(JILjava/lang/String;)V");
	if (*start_method != NULL)
		cycle_method = (*env)->GetStaticMethodID(env, main_class, "cycle", "(Z)J");
	if (cycle_method == NULL)
		fail_start(files);
}

/*
 * Makes the JVM and starts the program in it; any failure ends the worker.
 * Returns the max_stack_depth that it was made for, kB.
 */
int
walrus_jvm_start(const WalrusProgram *wanted, const WalrusJvmFiles *files)
{
	int			stack_depth_kb = max_stack_depth;
	sigset_t	all;
	sigset_t	before;
	jmethodID	start_method;

	program = *wanted;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);

	create(files, stack_depth_kb + STACK_SLACK_KB);
	program.install_signal_handlers();
	find_methods(files, &start_method);
	(*env)->CallStaticVoidMethod(env, main_class, start_method,
								 (jlong) (uintptr_t) walrus_table,
								 (jint) walrus_table_rows,
								 (*env)->NewStringUTF(env, WALRUS_BUILD_ID));
	if ((*env)->ExceptionCheck(env))
		fail_start(files);

	sigprocmask(SIG_SETMASK, &before, NULL);
	return stack_depth_kb;
}

/* Runs one cycle; returns the milliseconds to wait, unless it threw. */
int64
walrus_jvm_cycle(bool reloaded)
{
	return (*env)->CallStaticLongMethod(env, main_class, cycle_method,
										reloaded ? JNI_TRUE : JNI_FALSE);
}

/*
 * Clears a pending exception and copies what it says.  Describing it may need
 * memory that Java has just run out of.
 */
bool
walrus_jvm_take_exception(char *text)
{
	jthrowable	thrown = (*env)->ExceptionOccurred(env);
	jstring		description;

	if (thrown == NULL)
		return false;
	(*env)->ExceptionClear(env);
	strlcpy(text, "an exception that could not be described", WALRUS_TEXT_SIZE);

	description = (*env)->CallObjectMethod(env, thrown, to_string_method);
	if ((*env)->ExceptionCheck(env))
		(*env)->ExceptionClear(env);
	else if (description != NULL)
	{
		jsize		characters = (*env)->GetStringLength(env, description);

		/* A character takes three bytes at most. */
		memset(text, 0, WALRUS_TEXT_SIZE);
		(*env)->GetStringUTFRegion(env, description, 0,
								   Min(characters, (WALRUS_TEXT_SIZE - 1) / 3), text);

		/* Converting could fail, and nothing guards this place. */
		for (char *c = text; *c != '\0' && GetDatabaseEncoding() != PG_UTF8; c++)
			*c = IS_HIGHBIT_SET(*c) ? '?' : *c;
	}
	(*env)->DeleteLocalRef(env, description);
	(*env)->DeleteLocalRef(env, thrown);
	return true;
}
