/*
 * worker.c
 *		The background worker: signals, connection, and the latch loop.
 *
 * The loop waits for deadlines on a monotonic clock and hands each cycle to
 * Java, which answers how long to wait.  A reload is passed on at once, so
 * that Java sees new settings; whether anything is due is Java's decision.
 */
#include "postgres.h"

#include <time.h>

#include "access/xact.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/bgwriter.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "walrus.h"

/* Wakes the loop, and lets Java see that a signal waits if it is at work. */
static void
interrupt(void)
{
	int			save_errno = errno;

	InterruptPending = true;
	SetLatch(MyLatch);

	errno = save_errno;
}

static void
handle_sighup(SIGNAL_ARGS)
{
	ConfigReloadPending = true;
	interrupt();
}

/*
 * SIGTERM ends a statement that is running, as a cancel would, and the loop
 * then ends the worker in good order.
 */
static void
handle_sigterm(SIGNAL_ARGS)
{
	ShutdownRequestPending = true;
	QueryCancelPending = true;
	interrupt();
}

/* Called again after the JVM has started, which installs handlers too. */
void
walrus_install_signal_handlers(void)
{
	pqsignal(SIGHUP, handle_sighup);
	pqsignal(SIGTERM, handle_sigterm);
	pqsignal(SIGINT, StatementCancelHandler);
	pqsignal(SIGQUIT, SignalHandlerForCrashExit);
	pqsignal(SIGUSR1, procsignal_sigusr1_handler);
	pqsignal(SIGUSR2, WALRUS_SIG_IGN);
	pqsignal(SIGPIPE, WALRUS_SIG_IGN);
}

/* Seconds until the postmaster starts a worker that has ended. */
int
walrus_restart_time(void)
{
	return Min(CheckPointTimeout, WALRUS_MAX_RESTART_TIME);
}

int64
walrus_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether somebody asks the coming cycle for something. */
bool		walrus_asked = false;

static void
forget_worker(int code, Datum arg)
{
	walrus_state.worker_pid = 0;
	walrus_fail_requests("worker not running");
	if (strcmp(walrus_state.engine, WALRUS_ENGINE_READY) == 0)
		walrus_set_engine(WALRUS_ENGINE_OFF);
	walrus_publish_state();
}

/* Sets what neither the role, its database nor a reload may change; in a transaction. */
void
walrus_override_settings(const char *const (*settings)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * A dead synchronous standby, a lock or a read-only default must not hold up
 * the worker's own short transactions.  It gives way before a deadlock would
 * be looked for, which a DROP EXTENSION could lose.  Java speaks UTF-8: as the client's
 * encoding it can be converted outside a transaction too, once a transaction
 * has looked the conversion up.  One look at the statistics is enough.
 */
static void
set_session_defaults(void)
{
	static const char *const defaults[][2] = {
		{"application_name", "pg_walrus"},
		{"client_encoding", "UTF8"},
		{"stats_fetch_consistency", "cache"},
		{"synchronous_commit", "local"},
		{"lock_timeout", "500ms"},
		{"statement_timeout", "30s"},
		{"default_transaction_read_only", "off"},
		{"search_path", "pg_catalog, pg_temp"}
	};

	StartTransactionCommand();
	walrus_override_settings(defaults, lengthof(defaults));
	CommitTransactionCommand();
}

static void
take_over_state(TimestampTz started)
{
	walrus_state_load();
	walrus_state.worker_pid = MyProcPid;
	walrus_state.worker_start = started;
	walrus_state.generation++;
	walrus_set_engine(WALRUS_ENGINE_OFF);
	before_shmem_exit(forget_worker, (Datum) 0);
}

static void
leave(void)
{
	/* There is no statement left that the signal could end. */
	QueryCancelPending = false;
	ereport(LOG, (errmsg("pg_walrus worker shutting down")));

	/* Code 0 would unregister the worker until the next server start. */
	proc_exit(1);
}

static bool
serve_reload(void)
{
	if (!ConfigReloadPending)
		return false;

	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	ereport(DEBUG1, (errmsg_internal("pg_walrus: configuration reloaded")));
	walrus_engine_check_stack_depth();
	return true;
}

static void
loop(void)
{
	MemoryContext cycle_context = AllocSetContextCreate(TopMemoryContext,
														"pg_walrus cycle",
														ALLOCSET_DEFAULT_SIZES);
	int64		deadline = 0;

	for (;;)
	{
		bool		reloaded;

		ResetLatch(MyLatch);
		if (ShutdownRequestPending)
			leave();

		/* A cancel that came when nothing was running has nothing to cancel. */
		QueryCancelPending = false;
		CHECK_FOR_INTERRUPTS();

		reloaded = serve_reload();
		walrus_asked = walrus_request_waits() || walrus_reset_untold();
		if (reloaded || walrus_asked || walrus_monotonic_ms() >= deadline)
		{
			MemoryContextSwitchTo(cycle_context);
			deadline = walrus_engine_cycle(reloaded) + walrus_monotonic_ms();
			MemoryContextReset(cycle_context);
		}

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Max(deadline - walrus_monotonic_ms(), 0), walrus_wait_event());
	}
}

void
walrus_worker_main(Datum arg)
{
	TimestampTz started = GetCurrentTimestamp();

	walrus_install_signal_handlers();
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(walrus_database, NULL, 0);
	set_session_defaults();
	take_over_state(started);
	pgstat_report_activity(STATE_IDLE, NULL);
	ereport(LOG, (errmsg("pg_walrus worker started")));

	loop();
}
