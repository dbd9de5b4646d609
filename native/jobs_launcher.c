/*
 * jobs_launcher.c
 *		The launcher: starts a worker where a job waits, and sleeps otherwise.
 *
 * It is connected to no database, where only the catalogs of databases and
 * roles can be read; which databases may run jobs, and whose turn it is in
 * one, short-lived workers find out.  There is no JVM in it.
 */
#include "postgres.h"

#include <signal.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "jobs.h"

/* A worker that has not come up after this is given up, ms: its launcher may have ended. */
#define COME_UP_WITHIN 60000

static const SteepRole nobody = {InvalidOid, InvalidOid};

static BackgroundWorkerHandle *handles[STEEP_WORKERS];

/* In TopMemoryContext: databases that may run jobs, and those nobody has looked into yet. */
static List *enabled = NIL;
static List *unseen = NIL;

static void
forget_launcher(int code, Datum arg)
{
	steep_shared->launcher_pid = 0;
}

/* Ends the workers of a database that may not run jobs any more, and forgets its work. */
static void
drop_disabled(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		if (worker->in_use && worker->pid != 0 && worker->task == STEEP_RUN &&
			worker->stop != STEEP_DISABLED &&
			!list_member_oid(enabled, worker->database))
		{
			worker->stop = STEEP_DISABLED;
			kill(worker->pid, SIGTERM);
		}
	}
	for (int i = 0; i < STEEP_DATABASES; i++)
	{
		SteepDatabase *entry = &steep_shared->databases[i];

		if (OidIsValid(entry->database) && !list_member_oid(enabled, entry->database))
			memset(entry, 0, sizeof(SteepDatabase));
	}
	LWLockRelease(steep_shared->lock);
}

/* Takes over what a registrar has read; what is new has to be looked into. */
static void
take_registrations(void)
{
	static uint64 seen = 0;
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	List	   *before = enabled;
	ListCell   *cell;
	bool		news;

	LWLockAcquire(steep_shared->lock, LW_SHARED);
	news = steep_shared->looks != seen;
	if (news)
	{
		seen = steep_shared->looks;
		enabled = NIL;
		for (int i = 0; i < steep_shared->enabled_count; i++)
			enabled = lappend_oid(enabled, steep_shared->enabled[i]);
	}
	LWLockRelease(steep_shared->lock);

	if (news)
	{
		foreach(cell, enabled)
		{
			if (!list_member_oid(before, lfirst_oid(cell)))
				unseen = list_append_unique_oid(unseen, lfirst_oid(cell));
		}
		list_free(before);
		/* A list that is out of date already must not end anything. */
		if (!steep_shared->reread)
			drop_disabled();
	}
	MemoryContextSwitchTo(old);
}

/* A database that a registrar can connect to, rather none that others are made of. */
static Oid
any_database(void)
{
	Relation	databases;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			best = InvalidOid;
	int			best_rank = 0;

	StartTransactionCommand();
	databases = table_open(DatabaseRelationId, AccessShareLock);
	scan = systable_beginscan(databases, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);
		int			rank = !database->datallowconn ? 0 : database->datistemplate ? 1 :
			strcmp(NameStr(database->datname), "postgres") != 0 ? 2 : 3;

		if (rank > best_rank)
		{
			best = database->oid;
			best_rank = rank;
		}
	}
	systable_endscan(scan);
	table_close(databases, AccessShareLock);
	CommitTransactionCommand();
	return best;
}

/* What a worker was to look at that never came up is to be looked at by another.  Under the lock. */
static void
want_again(const SteepWorker *worker)
{
	if (worker->task == STEEP_SWEEP)
		steep_want_sweep(worker->database, 0);
	else if (worker->task == STEEP_LOOK)
		steep_shared->reread = true;
}

static bool
is_missing(int slot)
{
	const SteepWorker *worker = &steep_shared->workers[slot];
	pid_t		pid;

	if (!worker->in_use || worker->pid != 0)
		return false;
	if (worker->wanted_by == MyProcPid && handles[slot] != NULL)
		return GetBackgroundWorkerPid(handles[slot], &pid) == BGWH_STOPPED;
	return TimestampDifferenceExceeds(worker->started, GetCurrentTimestamp(), COME_UP_WITHIN);
}

/* Workers that the postmaster could not start, or whose launcher has ended, leave their place. */
static void
give_up_missing(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		if (is_missing(i))
		{
			want_again(&steep_shared->workers[i]);
			steep_shared->workers[i].in_use = false;
		}
	}
	LWLockRelease(steep_shared->lock);
}

/*
 * Whether a worker may connect as the role.  Since 17 a worker may always;
 * before it connects as the role of the session and takes on the other.
 */
static bool
can_log_in(Oid role)
{
#if PG_VERSION_NUM >= 170000
	return true;
#else
	HeapTuple	tuple;
	bool		can;

	StartTransactionCommand();
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	can = HeapTupleIsValid(tuple) && ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	CommitTransactionCommand();
	return can;
#endif
}

/* Starts a worker; false when there is no room for it now. */
static bool
start(SteepTask task, Oid database, SteepRole role)
{
	static bool told = false;
	bool		as_login = task == STEEP_RUN && !can_log_in(role.role);
	int			slot = steep_reserve_worker(task, database, role, as_login);

	if (slot < 0)
		return false;
	if (handles[slot] != NULL)
		pfree(handles[slot]);
	handles[slot] = NULL;
	if (steep_start_worker(slot, &handles[slot]))
	{
		told = false;
		return true;
	}
	steep_release_worker(slot);
	ereport(told || task != STEEP_RUN ? DEBUG1 : LOG,
			(errmsg("steep_repl: no background worker is free, jobs wait"),
			 errhint("Raise max_worker_processes, or lower steep_repl.max_operations.")));
	told = told || task == STEEP_RUN;
	return false;
}

typedef struct Load
{
	int			jobs;			/* workers that run jobs */
	int			sweeps;
	int			looks;
} Load;

/* The workers of a database, or of all.  Under the lock. */
static Load
count_workers(Oid database, bool *unsettled)
{
	Load		load = {0, 0, 0};

	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		if (!worker->in_use || (OidIsValid(database) && worker->database != database))
			continue;
		load.jobs += worker->task == STEEP_RUN;
		load.sweeps += worker->task == STEEP_SWEEP;
		load.looks += worker->task == STEEP_LOOK;
		if (unsettled != NULL && !worker->settled)
			*unsettled = true;
	}
	return load;
}

/* The workers of all databases. */
static Load
count_all_workers(void)
{
	Load		load;

	LWLockAcquire(steep_shared->lock, LW_SHARED);
	load = count_workers(InvalidOid, NULL);
	LWLockRelease(steep_shared->lock);
	return load;
}

/* Whether a job of the database may get a worker now.  Under the lock. */
static bool
may_run(const SteepDatabase *entry, int64 now)
{
	bool		unsettled = false;
	Load		here = count_workers(entry->database, &unsettled);

	return entry->waiting && now >= entry->run_after && !unsettled && here.sweeps == 0 &&
		here.jobs < steep_repl_max_concurrent_operations &&
		count_workers(InvalidOid, NULL).jobs < steep_repl_max_operations;
}

/* The next database whose turn it is for a task, going round; InvalidOid when there is none. */
static Oid
choose(SteepTask task, SteepRole *role)
{
	static int	last[2] = {0, 0};
	int64		now = walrus_monotonic_ms();
	Oid			chosen = InvalidOid;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	for (int i = 1; i <= STEEP_DATABASES && !OidIsValid(chosen); i++)
	{
		int			at = (last[task] + i) % STEEP_DATABASES;
		SteepDatabase *entry = &steep_shared->databases[at];

		if (!OidIsValid(entry->database))
			continue;
		if (task == STEEP_RUN ? may_run(entry, now) :
			((entry->sweep && now >= entry->sweep_after) || steep_has_expired(entry)) &&
			count_workers(InvalidOid, NULL).sweeps == 0)
		{
			last[task] = at;
			chosen = entry->database;
			*role = entry->next;
		}
	}
	LWLockRelease(steep_shared->lock);
	return chosen;
}

/* Starts what can be started; false when something has to wait for better times. */
static bool
start_workers(void)
{
	SteepRole	role;
	Oid			database;

	while (OidIsValid(database = choose(STEEP_SWEEP, &role)))
	{
		if (!start(STEEP_SWEEP, database, nobody))
			return false;
	}
	if (unseen != NIL && count_all_workers().sweeps == 0)
	{
		if (!start(STEEP_SWEEP, linitial_oid(unseen), nobody))
			return false;
		unseen = list_delete_first(unseen);
	}
	while (OidIsValid(database = choose(STEEP_RUN, &role)))
	{
		if (!start(STEEP_RUN, database, role))
			return false;
	}
	return true;
}

/* Whether anything waits that no wake-up will be heard of. */
static bool
something_waits(void)
{
	bool		waits = unseen != NIL;

	LWLockAcquire(steep_shared->lock, LW_SHARED);
	waits = waits || steep_shared->reread || steep_shared->overflow;
	for (int i = 0; i < STEEP_DATABASES; i++)
		waits = waits || steep_shared->databases[i].waiting || steep_shared->databases[i].sweep;
	LWLockRelease(steep_shared->lock);
	return waits;
}

/* Milliseconds to sleep when nobody wakes the launcher. */
static int64
nap(void)
{
	Load		load = count_all_workers();

	if (something_waits())
		return steep_repl_naptime * INT64_C(1000);
	return load.jobs + load.sweeps + load.looks > 0 ? steep_repl_discovery_interval * INT64_C(1000) :
		steep_expiry_nap();
}

/* Whether it is time to read the registrations: at first, when told, and while jobs run. */
static bool
is_look_due(int64 last)
{
	bool		due;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_shared->overflow && unseen == NIL)
	{
		/* All are to be looked into again. */
		steep_shared->overflow = false;
		list_free(enabled);
		enabled = NIL;
		steep_shared->reread = true;
	}
	due = (steep_shared->reread || last == 0) && walrus_monotonic_ms() >= steep_shared->look_after;
	if (due)
		steep_shared->reread = false;
	LWLockRelease(steep_shared->lock);

	return due ||
		(count_all_workers().jobs > 0 &&
		 walrus_monotonic_ms() - last >= steep_repl_discovery_interval * INT64_C(1000));
}

static void
look_if_due(void)
{
	static int64 last = 0;
	Oid			database;

	if (count_all_workers().looks > 0 || !is_look_due(last))
		return;
	database = any_database();
	if (OidIsValid(database) && start(STEEP_LOOK, database, nobody))
		last = walrus_monotonic_ms();
	else
	{
		LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
		steep_shared->reread = true;
		LWLockRelease(steep_shared->lock);
	}
}

static void
serve_reload(void)
{
	if (!ConfigReloadPending)
		return;
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);

	/* What has failed may be mended now. */
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_shared->look_after = 0;
	for (int i = 0; i < STEEP_DATABASES; i++)
	{
		steep_shared->databases[i].run_after = 0;
		steep_shared->databases[i].sweep_after = 0;
	}
	LWLockRelease(steep_shared->lock);
}

void
steep_launcher_main(Datum arg)
{
	walrus_install_signal_handlers();
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	steep_shared->launcher_pid = MyProcPid;
	before_shmem_exit(forget_launcher, (Datum) 0);
	pgstat_report_activity(STATE_IDLE, NULL);
	ereport(LOG, (errmsg("steep_repl launcher started")));

	for (;;)
	{
		bool		done;

		ResetLatch(MyLatch);
		if (ShutdownRequestPending)
		{
			QueryCancelPending = false;
			ereport(LOG, (errmsg("steep_repl launcher shutting down")));
			proc_exit(1);
		}
		QueryCancelPending = false;
		CHECK_FOR_INTERRUPTS();
		serve_reload();
		give_up_missing();
		take_registrations();
		look_if_due();
		done = start_workers();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 done ? nap() : steep_repl_naptime * INT64_C(1000), walrus_wait_event());
	}
}
