/*
 * jobs_worker.c
 *		A job worker: connects to the job's database as the role that has
 *		queued it, makes its JVM, and lets Java run jobs while there are any of
 *		that role.  The sweeper is the same without role and JVM: it mends the
 *		queue after a worker has died, and tells the launcher what waits.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "commands/async.h"
#include "commands/extension.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "copier.h"

#define MAIN_CLASS "org/pgwalrus/jobs/Main"

/* The worker gives a sign of life this often, ms. */
#define ALIVE_EVERY 2000

/* After a worker that could not do its work, the next try in its database, ms. */
#define RETRY_AFTER INT64_C(60000)

SteepWorker *steep_me = NULL;

/* Set by SIGINT: a cancel that came while no statement was running counts too. */
volatile sig_atomic_t steep_cancelled = false;

/* It has begun to look for a job: if it ends now, others have to look. */
bool		steep_claiming = false;

static bool connected = false;

static TimeoutId alive_timeout;

static void
handle_sigint(SIGNAL_ARGS)
{
	int			save_errno = errno;

	steep_cancelled = true;
	QueryCancelPending = true;
	InterruptPending = true;
	SetLatch(MyLatch);

	errno = save_errno;
}

static void
install_signal_handlers(void)
{
	walrus_install_signal_handlers();
	pqsignal(SIGINT, handle_sigint);
}

/* Runs in a signal handler: a store that readers see whole. */
static void
give_sign_of_life(void)
{
	int			slot = steep_me->progress;

	if (slot >= 0)
		steep_shared->progress[slot].alive = GetCurrentTimestamp();
}

/* Errors end all timers: this has to be called again and again. */
void
steep_keep_alive(void)
{
	give_sign_of_life();
	if (!get_timeout_active(alive_timeout))
		enable_timeout_every(alive_timeout,
							 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ALIVE_EVERY),
							 ALIVE_EVERY);
}

/* A job whose worker has left it has failed: why, the sweeper writes.  Under the lock. */
static void
end_progress(void)
{
	SteepProgressSlot *slot;

	if (steep_me->progress < 0)
		return;
	slot = &steep_shared->progress[steep_me->progress];
	strlcpy(slot->progress.status, "failed", sizeof(slot->progress.status));
	strlcpy(slot->progress.phase, "failed", sizeof(slot->progress.phase));
	strlcpy(slot->progress.error_message, "the worker ended before the job did",
			sizeof(slot->progress.error_message));
	slot->progress.eta_seconds = 0;
	slot->ended = GetCurrentTimestamp();
}

/* What a worker was to do that has not found its way to the queue is left.  Under the lock. */
static void
want_another_try(void)
{
	int64		later = walrus_monotonic_ms() + RETRY_AFTER;
	SteepDatabase *entry = steep_database(steep_me->database);

	/* The database may be gone. */
	steep_shared->reread = true;
	if (steep_me->task == STEEP_LOOK)
		steep_shared->look_after = later;
	else
		steep_want_sweep(steep_me->database, steep_me->task == STEEP_RUN ? 0 : later);
	/* One that somebody has stopped is no reason to wait. */
	if (steep_me->task == STEEP_RUN && entry != NULL && !ShutdownRequestPending && !steep_cancelled)
	{
		entry->run_after = later;
		entry->refused = connected ? InvalidOid : steep_me->role.role;
	}
}

/* Leaves the place in good order; what was not finished is for the sweeper. */
static void
detach(int code, Datum arg)
{
	disable_all_timeouts(false);
	steep_end_copiers();
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_me->job != 0)
		end_progress();
	if (steep_me->job != 0 || steep_claiming)
		steep_want_sweep(steep_me->database, 0);
	if (!steep_me->settled)
		want_another_try();
	steep_me->in_use = false;
	LWLockRelease(steep_shared->lock);
	steep_wake_launcher();
}

static void
attach(int slot)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_me = &steep_shared->workers[slot];
	if (!steep_me->in_use || steep_me->pid != 0)
	{
		/* The launcher has given this worker up. */
		LWLockRelease(steep_shared->lock);
		proc_exit(0);
	}
	steep_me->pid = MyProcPid;
	steep_me->started = GetCurrentTimestamp();
	LWLockRelease(steep_shared->lock);
	before_shmem_exit(detach, (Datum) 0);
}

/* Connects as the role that has queued a job, or its login where a role may not log in. */
void
steep_connect(Oid database, SteepRole role, bool as_login)
{
	uint32		flags = 0;

#if PG_VERSION_NUM >= 170000
	flags |= BGWORKER_BYPASS_ROLELOGINCHECK;
#endif
	BackgroundWorkerInitializeConnectionByOid(database, as_login ? role.login : role.role, flags);
}

/*
 * What a role, its database or the job before have set must not change what
 * statements mean.  Commits do not wait for standbys: a dead one would hold
 * the queue up.
 */
void
steep_reset_session(void)
{
	static const char *const defaults[][2] = {
		{"role", "none"},
		{"application_name", "steep_repl"},
		{"client_encoding", "UTF8"},
		{"synchronous_commit", "local"},
		{"lock_timeout", "0"},
		{"statement_timeout", "0"},
#if PG_VERSION_NUM >= 170000
		{"transaction_timeout", "0"},
#endif
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"row_security", "on"},
		{"DateStyle", "ISO, YMD"},
		{"IntervalStyle", "postgres"},
		{"extra_float_digits", "1"},
		{"bytea_output", "hex"},
		{"standard_conforming_strings", "on"},
		{"search_path", "pg_catalog, pg_temp"}
	};

	StartTransactionCommand();
	PortalHashTableDeleteAll();
	ResetAllOptions();
	Async_UnlistenAll();
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetTempTableNamespace();
	walrus_override_settings(defaults, lengthof(defaults));
	CommitTransactionCommand();
}

static bool
installed(void)
{
	bool		found;

	StartTransactionCommand();
	found = OidIsValid(steep_extension_owner());
	if (!found)
		ereport(LOG,
				(errmsg("steep_repl: database \"%s\" is registered for jobs, but the extension is not installed there",
						get_database_name(MyDatabaseId)),
				 errhint("CREATE EXTENSION steep_repl there, or unregister the database with steep_repl.unregister_db().")));
	CommitTransactionCommand();
	return found;
}

/* Mends the queue, and tells the launcher whose job is the next. */
static void
sweep(void)
{
	SteepDatabase *entry;
	SteepRole	next = {InvalidOid, InvalidOid};
	int			left = 0;
	int64		expires = 0;
	char	   *found;

	/* Whatever comes from now on counts anew. */
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	entry = steep_database(MyDatabaseId);
	if (entry != NULL)
	{
		entry->sweep = entry->waiting = false;
		entry->expires = 0;
	}
	LWLockRelease(steep_shared->lock);

	/*
	 * Whoever holds a row must not hold up the queues of others, and a DROP
	 * EXTENSION must not lose a deadlock against this.
	 */
	SetConfigOption("lock_timeout", STEEP_LOCK_TIMEOUT, PGC_SUSET, PGC_S_OVERRIDE);
	if (installed())
	{
		StartTransactionCommand();
		/* What DROP EXTENSION locks before all else: it waits here or there, holding nothing. */
		LockDatabaseObject(ExtensionRelationId, get_extension_oid("steep_repl", false), 0,
						   AccessShareLock);
		PushActiveSnapshot(GetTransactionSnapshot());
		found = steep_query_as_owner("SELECT steep_repl.sweep()", 0, NULL, NULL, NULL);
		/* Somebody may have asked for a look where no jobs may run. */
		if (found != NULL && steep_is_enabled(MyDatabaseId))
			sscanf(found, "%u %u %d " INT64_FORMAT, &next.role, &next.login, &left, &expires);
		PopActiveSnapshot();
		CommitTransactionCommand();
	}

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (OidIsValid(next.role))
		steep_set_waiting(MyDatabaseId, next);
	if (left != 0)
		steep_want_sweep(MyDatabaseId,
						 walrus_monotonic_ms() + steep_repl_naptime * INT64_C(1000));
	if (expires != 0)
		steep_set_expiry(MyDatabaseId, expires);
	entry = steep_database(MyDatabaseId);
	if (entry != NULL && OidIsValid(entry->refused) && entry->refused != next.role)
	{
		/* The role that could not connect is out of the way. */
		entry->refused = InvalidOid;
		entry->run_after = 0;
	}
	steep_me->settled = true;
	LWLockRelease(steep_shared->lock);
}

static void
look(void)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	steep_read_registrations();
	PopActiveSnapshot();
	CommitTransactionCommand();
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_me->settled = true;
	LWLockRelease(steep_shared->lock);
}

/* Keeps why no job can run, for steep_repl.health(); the log has it once. */
static void
tell_problem(const char *problem)
{
	bool		told;

	/* What ends a worker later is its job's fault, and told with the job. */
	if (steep_me->settled)
		return;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	told = strncmp(steep_shared->problem, problem, sizeof(steep_shared->problem) - 1) == 0;
	strlcpy(steep_shared->problem, problem, sizeof(steep_shared->problem));
	/* It is read in databases of any encoding. */
	for (char *c = steep_shared->problem; *c != '\0'; c++)
		*c = IS_HIGHBIT_SET(*c) ? '?' : *c;
	steep_shared->problem_time = GetCurrentTimestamp();
	LWLockRelease(steep_shared->lock);

	ereport(told ? DEBUG1 : WARNING,
			(errmsg("steep_repl: could not start the JVM of a job: %s", problem),
			 errdetail("The job stays in its queue. The next try is in %d seconds or at the next reload.",
					   (int) (RETRY_AFTER / 1000)),
			 errhint("Install JDK 25 or later, or point walrus.libjvm at its libjvm and walrus.classpath at pg_walrus.jar.")));
}

static void
forget_problem(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_shared->problem[0] = '\0';
	LWLockRelease(steep_shared->lock);
}

static void
start_jvm(void)
{
	static WalrusProgram program;
	static char heap[32];
	WalrusJvmFiles files;
	StringInfoData problem;

	snprintf(heap, sizeof(heap), "-Xmx%dm", steep_repl_job_heap);
	program.main_class = MAIN_CLASS;
	program.fixed_options = steep_jvm_options;
	program.heap_option = heap;
	program.more_options = &steep_repl_jvm_options;
	program.more_options_setting = "steep_repl.jvm_options";
	program.cache_suffix = "-jobs";
	program.cache_suspect = &steep_shared->cache_suspect;
	program.failed = tell_problem;
	program.install_signal_handlers = install_signal_handlers;
	program.needs_libraries = true;

	initStringInfo(&problem);
	if (walrus_in_crash_loop())
		appendStringInfoString(&problem, "too many crash restarts of the server");
	if (problem.len > 0 || !walrus_jvm_find(&program, &files, &problem))
	{
		tell_problem(problem.data);
		proc_exit(1);
	}
	/* The JVM is made for this depth, and no reload may change it. */
	SetConfigOption("max_stack_depth", psprintf("%d", max_stack_depth), PGC_SUSET, PGC_S_OVERRIDE);
	walrus_jvm_start(&program, &files);
	forget_problem();
}

/* Runs jobs until none of this role is next. */
static void
run_jobs(void)
{
	static char failure[WALRUS_TEXT_SIZE];

	steep_prepare_wait();
	start_jvm();
	(void) walrus_jvm_cycle(false);
	if (walrus_jvm_take_exception(failure))
	{
		ereport(WARNING, (errmsg("steep_repl: a job worker failed: %s", failure)));
		proc_exit(1);
	}
}

void
steep_worker_main(Datum arg)
{
	install_signal_handlers();
	attach(DatumGetInt32(arg));
	BackgroundWorkerUnblockSignals();
	if (steep_me->task == STEEP_RUN)
	{
		/* Each claim resets the session. */
		steep_connect(steep_me->database, steep_me->role, steep_me->as_login);
		connected = true;
		alive_timeout = RegisterTimeout(USER_TIMEOUT, give_sign_of_life);
		run_jobs();
		proc_exit(0);
	}
	BackgroundWorkerInitializeConnectionByOid(steep_me->database, InvalidOid, 0);
	steep_reset_session();
	if (steep_me->task == STEEP_SWEEP)
		sweep();
	else
		look();
	proc_exit(0);
}
