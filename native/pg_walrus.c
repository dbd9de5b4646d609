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

static void
register_worker(void)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	snprintf(worker.bgw_name, BGW_MAXLEN, "pg_walrus");
	snprintf(worker.bgw_type, BGW_MAXLEN, "pg_walrus");
	snprintf(worker.bgw_library_name, sizeof(worker.bgw_library_name), "pg_walrus");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "walrus_worker_main");

	/*
	 * Not BGWORKER_INTERRUPTIBLE, which 19 offers: a worker that DROP or ALTER
	 * DATABASE has interrupted is unregistered, and gone until the next start.
	 */
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	/* A standby cannot change its configuration to any purpose. */
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = walrus_restart_time();
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
		register_worker();
		steep_register_launcher();
	}
}
