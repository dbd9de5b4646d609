/*
 * jobs_calls.c
 *		What the Java code of a job may ask of the server.  Declared in
 *		org.pgwalrus.backend.Call, entered through guard.c.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "jobs.h"

#define PARAMETERS 3

static const char claim_sql[] =
"SELECT id, operation, operation_id, undo, next_role, next_login, held FROM steep_repl.claim_next($1, $2)";

/* The value of a column of the only row, as Java reads texts. */
static void
copy_value(int column, char *text)
{
	char	   *value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	if (value == NULL)
		value = "";
	walrus_copy_text(text, pg_server_to_any(value, strlen(value), PG_UTF8), WALRUS_TEXT_SIZE);
}

static int64
integer_value(int column)
{
	char	   *value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	return value == NULL ? 0 : strtoll(value, NULL, 10);
}

/*
 * The job is this worker's; what was meant for the one before it no longer
 * counts.  One that is only to be undone has ended, and shows nothing.
 */
static void
begin_job(int64 id, bool undo, SteepRole next)
{
	SteepProgressSlot *slot;
	sigset_t	pending;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_me->settled = true;
	steep_me->job = id;
	if (steep_me->stop == STEEP_CANCELLED)
		steep_me->stop = STEEP_GO_ON;
	steep_me->progress = -1;
	if (id != 0 && !undo)
	{
		steep_me->progress = steep_take_progress(MyDatabaseId, id);
		slot = &steep_shared->progress[steep_me->progress];
		slot->role = steep_me->role.role;
		slot->pid = MyProcPid;
		slot->worker_started = steep_me->started;
	}
	if (OidIsValid(next.role))
		steep_set_waiting(MyDatabaseId, next);
	LWLockRelease(steep_shared->lock);

	/*
	 * A signal for the job before was sent under the lock; its handler runs on
	 * the way out of a system call.
	 */
	(void) sigpending(&pending);
	QueryCancelPending = false;
	steep_cancelled = false;
}

/*
 * Nobody has said yet that a job waits: whoever does from now on is heard.
 * A job whose claim has failed before its commit is nobody's.
 */
static void
forget_waiting(void)
{
	SteepDatabase *entry;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_me->progress >= 0)
		steep_shared->progress[steep_me->progress].database = InvalidOid;
	steep_me->progress = -1;
	steep_me->job = 0;
	entry = steep_database(MyDatabaseId);
	if (entry != NULL)
		entry->waiting = false;
	LWLockRelease(steep_shared->lock);
}

/* As the owner, who gives way to other people's locks and tries again. */
static void
become_bookkeeper(SteepFormerSelf *former)
{
	steep_become_owner(former);
	(void) set_config_option("lock_timeout", STEEP_LOCK_TIMEOUT, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* What the commit itself runs, such as deferred triggers, runs as the same role. */
static void
end_statement(const SteepFormerSelf *former)
{
	steep_end_settings(former);
	walrus_end_statement();
	steep_become_former(former);
}

static bool
boolean_value(int column)
{
	char	   *value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	return value != NULL && strcmp(value, "t") == 0;
}

/* Somebody holds the rows that are left: the sweeper looks again, which costs no JVM. */
static void
look_again_later(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_want_sweep(MyDatabaseId, walrus_monotonic_ms() + steep_repl_naptime * INT64_C(1000));
	LWLockRelease(steep_shared->lock);
}

/* The row of claim_next(): the job that is this worker's now, and whose turn it is after it. */
static void
read_claim(char *operation, char *operation_id, int64 *results, SteepRole *next)
{
	results[1] = integer_value(1);
	copy_value(2, operation);
	copy_value(3, operation_id);
	results[2] = boolean_value(4);
	next->role = (Oid) integer_value(5);
	next->login = (Oid) integer_value(6);
	if (boolean_value(7))
		look_again_later();
}

void
steep_claim_job(char *operation, char *operation_id, int64 *results)
{
	Oid			types[] = {OIDOID, TIMESTAMPTZOID};
	Datum		values[] = {ObjectIdGetDatum(steep_me->role.role),
	TimestampTzGetDatum(steep_me->started)};
	SteepRole	next = {InvalidOid, InvalidOid};
	SteepFormerSelf former;

	results[1] = results[2] = 0;
	steep_claiming = true;
	if (ShutdownRequestPending)
	{
		/* Whoever is told to end leaves the queue to others. */
		begin_job(0, false, next);
		return;
	}
	steep_reset_session();
	forget_waiting();
	walrus_begin_statement(claim_sql);
	become_bookkeeper(&former);
	/* In a database that is disabled jobs wait until it is enabled, which may be at once. */
	if (!steep_is_enabled(MyDatabaseId))
		look_again_later();
	else
	{
		if (SPI_execute_with_args(claim_sql, lengthof(types), types, values, NULL, false, 1) < 0)
			elog(ERROR, "steep_repl: could not claim a job");
		read_claim(operation, operation_id, results, &next);
	}

	/* Before the row can be seen: whoever cancels a running job must find it here. */
	begin_job(results[1], results[2] != 0, next);
	end_statement(&former);
	steep_claiming = false;
	if (results[1] != 0)
		steep_keep_alive();
	if (OidIsValid(next.role))
		steep_wake_launcher();
}

void
steep_execute(const char *sql, const char *first, const char *second, const char *third,
			  int64 as_owner, char *text_result, int64 *results)
{
	const char *const parameters[PARAMETERS] = {first, second, third};
	Oid			types[PARAMETERS] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[PARAMETERS];
	SteepFormerSelf former;

	sql = walrus_begin_statement(sql);
	for (int i = 0; i < PARAMETERS; i++)
		values[i] = walrus_text_parameter(parameters[i]);
	if (as_owner != 0)
		become_bookkeeper(&former);
	else
		steep_become(steep_me->role.role, &former);
	if (SPI_execute_with_args(sql, PARAMETERS, types, values, NULL, false, 1) < 0)
		elog(ERROR, "steep_repl: could not execute: %s", sql);
	walrus_first_value(text_result, results);
	end_statement(&former);
	steep_keep_alive();
}

void
steep_check_point(void)
{
	if (!PostmasterIsAlive())
		proc_exit(1);
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	steep_keep_alive();
	if (ShutdownRequestPending)
		ereport(ERROR,
				(errcode(ERRCODE_ADMIN_SHUTDOWN),
				 errmsg("terminating job due to administrator command")));
	CHECK_FOR_INTERRUPTS();
	if (steep_cancelled)
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("canceling job due to user request")));
}

void
steep_interruption(int64 *results)
{
	SteepStop	stop;

	LWLockAcquire(steep_shared->lock, LW_SHARED);
	stop = steep_me->stop;
	LWLockRelease(steep_shared->lock);
	if (ShutdownRequestPending && stop != STEEP_DISABLED)
		stop = STEEP_TERMINATED;
	else if (stop == STEEP_GO_ON && steep_cancelled)
		stop = STEEP_CANCELLED;

	/* What is to be written about it must not be cancelled too. */
	QueryCancelPending = false;
	steep_cancelled = false;
	results[1] = stop;
}

/* Under the lock. */
static void
copy_progress(void)
{
	if (steep_progress.started_at == 0)
		steep_progress.started_at = GetCurrentTimestamp();
	steep_progress.updated_at = GetCurrentTimestamp();
	steep_shared->progress[steep_me->progress].progress = steep_progress;
}

void
steep_publish_progress(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_me->progress >= 0)
		copy_progress();
	LWLockRelease(steep_shared->lock);
	steep_keep_alive();
}

void
steep_end_job(void)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_me->progress >= 0)
	{
		copy_progress();
		steep_shared->progress[steep_me->progress].ended = GetCurrentTimestamp();
	}
	steep_me->job = 0;
	steep_me->progress = -1;
	LWLockRelease(steep_shared->lock);
	memset(&steep_progress, 0, sizeof(steep_progress));
}
