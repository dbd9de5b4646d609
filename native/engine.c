/*
 * engine.c
 *		When there is a JVM in the worker, and what happens while there is none.
 *
 * The JVM is made as late as possible, and not at all where it would only do
 * harm: what can be checked beforehand is, and after a crash loop the worker
 * stays idle.  A process can make one JVM in its life.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"

#include "walrus.h"

/* A failure of the same text is repeated in the log after this long. */
#define FAILURE_REPEAT_MS INT64_C(3600000)
#define REMEMBERED_FAILURES 8

static bool running = false;
static int	stack_depth_kb;

/* Says that there is no engine, and why. */
void
walrus_engine_failed(const char *reason)
{
	walrus_set_engine(psprintf("failed: %s", reason));
}

static bool
braked(void)
{
	static bool reported = false;

	if (walrus_in_crash_loop() && !reported)
	{
		reported = true;
		walrus_engine_failed("too many crash restarts of the server");
		ereport(LOG,
				(errmsg("pg_walrus: not starting a JVM after %d crash restarts of the server within an hour",
						WALRUS_MAX_CRASH_RESTARTS),
				 errhint("Find the cause of the crashes and restart the server.")));
	}
	return reported;
}

static const WalrusProgram program = {
	.main_class = "org/pgwalrus/worker/Main",
	.fixed_options = walrus_jvm_fixed_options,
	.heap_option = NULL,
	.more_options = &walrus_jvm_options,
	.more_options_setting = "walrus.jvm_options",
	.cache_suffix = "",
	.cache_suspect = &walrus_state.cache_suspect,
	.failed = walrus_engine_failed,
	.install_signal_handlers = walrus_install_signal_handlers
};

static void
start(const WalrusJvmFiles *files)
{
	walrus_set_engine(WALRUS_ENGINE_STARTING);
	stack_depth_kb = walrus_jvm_start(&program, files);
	running = true;
	walrus_set_engine(WALRUS_ENGINE_READY);
}

static bool
try_start(void)
{
	WalrusJvmFiles files;
	StringInfoData problem;

	initStringInfo(&problem);
	if (walrus_jvm_find(&program, &files, &problem))
	{
		start(&files);
		return true;
	}

	walrus_engine_failed(problem.data);
	ereport(WARNING,
			(errmsg("pg_walrus: could not start JVM: %s", problem.data),
			 errhint("Install JDK 25 or later, or point walrus.libjvm at its libjvm and walrus.classpath at pg_walrus.jar. The next try is in %d seconds or at the next reload.",
					 walrus_restart_time())));
	return false;
}

/* Whether a text is new, or was last told an hour ago. */
static bool
worth_telling(const char *text)
{
	static struct
	{
		uint64		hash;
		int64		time;
	}			told[REMEMBERED_FAILURES];
	uint64		hash = hash_bytes_extended((const unsigned char *) text, strlen(text), 0);
	int64		now = walrus_monotonic_ms();
	int			oldest = 0;

	for (int i = 0; i < REMEMBERED_FAILURES; i++)
	{
		if (told[i].hash == hash && told[i].time != 0 && now < told[i].time + FAILURE_REPEAT_MS)
			return false;
		if (told[i].time < told[oldest].time)
			oldest = i;
	}
	told[oldest].hash = hash;
	told[oldest].time = now;
	return true;
}

/* Counts a cycle that ended in an exception; the same text is logged once an hour. */
static void
report_failure(const char *text)
{
	walrus_state.engine_failures++;
	walrus_publish_state();

	if (!worth_telling(text))
		return;
	ereport(WARNING,
			(errmsg("pg_walrus: decision engine failed: %s", text),
			 errdetail("No change was made. The same failure is not reported again within an hour.")));
}

/* Makes sure that there is a JVM; otherwise says how long to wait for the next try. */
static bool
make_ready(bool reloaded, int64 *delay)
{
	static int64 next_try = 0;
	int64		now = walrus_monotonic_ms();

	*delay = WALRUS_FOREVER;
	/* The size can be handed back while sizing is off. */
	if ((!walrus_enable && !walrus_request_waits()) || braked())
		return false;

	*delay = next_try - now;
	if (!reloaded && *delay > 0)
		return false;
	if (try_start())
		return true;

	*delay = walrus_restart_time() * INT64_C(1000);
	next_try = now + *delay;
	return false;
}

/* Runs a cycle if there is anything to run; returns the milliseconds to wait. */
int64
walrus_engine_cycle(bool reloaded)
{
	static char failure[WALRUS_TEXT_SIZE];
	int64		delay;

	if (!running && !make_ready(reloaded, &delay))
	{
		(void) walrus_take_reset();
		walrus_fail_requests("decision engine not ready");
		return delay;
	}

	delay = walrus_jvm_cycle(reloaded);
	if (!walrus_jvm_take_exception(failure))
		return delay;

	walrus_fail_requests("decision engine failed");

	/* The signal that ends the worker has ended its statement first. */
	if (!ShutdownRequestPending)
		report_failure(failure);
	return walrus_sample_interval_sec * INT64_C(1000);
}

/* The guard zone cannot be moved: a deeper limit needs a new process. */
void
walrus_engine_check_stack_depth(void)
{
	if (!running || max_stack_depth <= stack_depth_kb)
		return;

	ereport(LOG,
			(errmsg("pg_walrus: max_stack_depth was raised from %dkB to %dkB, restarting the worker",
					stack_depth_kb, max_stack_depth)));
	proc_exit(1);
}
