/*
 * pg_walrus.c
 *		Entry point of the library: settings, shared memory, workers.
 *
 * Outside shared_preload_libraries only the settings that a session may
 * define exist; SQL functions then say what is missing.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"

#include "jobs.h"
#include "walrus.h"

WALRUS_MODULE_MAGIC("pg_walrus", WALRUS_VERSION);

extern PGDLLEXPORT void _PG_init(void);

/* Describes a worker of this library; a restart time of BGW_NEVER_RESTART makes it a dynamic one's. */
void
walrus_describe_worker(BackgroundWorker *worker, const char *name, const char *function,
					   int restart_time)
{
	memset(worker, 0, sizeof(*worker));
	strlcpy(worker->bgw_name, name, BGW_MAXLEN);
	strlcpy(worker->bgw_type, name, BGW_MAXLEN);
	strlcpy(worker->bgw_library_name, "pg_walrus", sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, function, BGW_MAXLEN);

	/*
	 * Not BGWORKER_INTERRUPTIBLE, which 19 offers: a worker that DROP or ALTER
	 * DATABASE has interrupted is unregistered, and gone until the next start.
	 */
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	/* A standby can neither change its configuration to any purpose nor keep books. */
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = restart_time;
}

static void
register_worker(const char *name, const char *function, int restart_time)
{
	BackgroundWorker worker;

	walrus_describe_worker(&worker, name, function, restart_time);
	RegisterBackgroundWorker(&worker);
}

void
_PG_init(void)
{
	walrus_define_settings();

	if (!process_shared_preload_libraries_in_progress)
		return;

	walrus_shmem_install();

	/* pg_upgrade must find the configuration that it wrote. */
	if (!IsBinaryUpgrade)
	{
		register_worker("pg_walrus", "walrus_worker_main", walrus_restart_time());
		register_worker("steep_repl launcher", "steep_launcher_main", STEEP_LAUNCHER_RESTART_TIME);
	}
}
