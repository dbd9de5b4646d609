/*
 * bare_worker.c
 *		The least that a worker in C needs to size max_wal_size: the floor
 *		that the benchmark compares pg_walrus with.
 *
 * It is registered in the same way, connects to the same database, waits in
 * the same kind of loop and reads the same things, but it publishes nothing
 * and never changes anything.
 */
#include "postgres.h"

#include <limits.h>
#include <time.h>

#include "access/xlog.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/bgwriter.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"

#define PAUSE_MS 1000
#define WARM_UP_CYCLES 1000

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);
extern PGDLLEXPORT void bare_worker_main(Datum arg);

static int	measured_cycles;

/* What a cycle remembers, and what it would do. */
static int64 requested_base = -1;
static XLogRecPtr redo_base;
static TimestampTz interval_start;
static volatile int64 size_mb;

static void
cycle(void)
{
	PgStat_CheckpointerStats *stats;
	XLogRecPtr	insert = GetXLogInsertRecPtr();
	XLogRecPtr	redo = GetRedoRecPtr();
	TimestampTz now = GetCurrentTimestamp();
	int64		forced;
	int64		wal_mb;

	pgstat_clear_snapshot();
	stats = pgstat_fetch_stat_checkpointer();
	if (requested_base >= 0 && now < interval_start + CheckPointTimeout * USECS_PER_SEC)
		return;

	forced = requested_base < 0 ? 0 : stats->WALRUS_CHECKPOINTER_REQUESTED - requested_base;
	wal_mb = redo_base == 0 ? 0 : (int64) ((insert - redo_base) >> 20);
	size_mb = max_wal_size_mb * (Min(forced, wal_mb) + 1);

	requested_base = stats->WALRUS_CHECKPOINTER_REQUESTED;
	redo_base = redo;
	interval_start = now;
}

static int64
nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void
measure(void)
{
	int64		cpu;
	int64		wall;

	for (int i = 0; i < WARM_UP_CYCLES; i++)
		cycle();

	cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	wall = nanoseconds(CLOCK_MONOTONIC);
	for (int i = 0; i < measured_cycles; i++)
		cycle();
	cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
	wall = nanoseconds(CLOCK_MONOTONIC) - wall;

	ereport(LOG,
			(errmsg("bench: %d cycles took %lld ns of CPU time, %lld ns in all",
					measured_cycles, (long long) cpu, (long long) wall)));
}

void
bare_worker_main(Datum arg)
{
	TimestampTz entered = GetCurrentTimestamp();
	TimestampTz decided;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection("postgres", NULL, 0);
	pgstat_report_activity(STATE_IDLE, NULL);

	cycle();
	decided = GetCurrentTimestamp();
	ereport(LOG,
			(errmsg("bench: first decision %lld microseconds after the worker's entry",
					(long long) (decided - entered))));
	if (measured_cycles > 0)
		measure();

	while (!ShutdownRequestPending)
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		cycle();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 PAUSE_MS, walrus_wait_event());
	}
	proc_exit(1);
}

void
_PG_init(void)
{
	BackgroundWorker worker;

	if (!process_shared_preload_libraries_in_progress)
		return;

	DefineCustomIntVariable("bare_worker.measured_cycles",
							"Cycles to run and to measure after the first one.",
							NULL, &measured_cycles, 0, 0, INT_MAX,
							PGC_POSTMASTER, 0, NULL, NULL, NULL);

	memset(&worker, 0, sizeof(worker));
	snprintf(worker.bgw_name, BGW_MAXLEN, "bare_worker");
	snprintf(worker.bgw_type, BGW_MAXLEN, "bare_worker");
	snprintf(worker.bgw_library_name, sizeof(worker.bgw_library_name), BARE_WORKER_LIBRARY);
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "bare_worker_main");
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = 60;
	RegisterBackgroundWorker(&worker);
}
