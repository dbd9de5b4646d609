/*
 * jobs_status.c
 *		What SQL functions read of the shared memory of jobs, as JSON.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "jobs.h"

#define READER_ROLE "steep_repl_reader"

/* How long the reason counts that no JVM could start, ms. */
#define PROBLEM_MS (10 * 60 * 1000)

PG_FUNCTION_INFO_V1(steep_progress_slots);
PG_FUNCTION_INFO_V1(steep_jobs_status);
PG_FUNCTION_INFO_V1(steep_is_worker_alive);
PG_FUNCTION_INFO_V1(steep_launch_worker);

static Datum
parse(StringInfo json)
{
	/* Java writes texts as UTF-8. */
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(pg_any_to_server(json->data, json->len, PG_UTF8)));
}

/* A worker that lives gives signs of life; one that has been killed no longer does. */
static bool
is_stale(const SteepProgressSlot *slot)
{
	return slot->ended == 0 &&
		(BackendPidGetProc(slot->pid) == NULL ||
		 TimestampDifferenceExceeds(slot->alive, GetCurrentTimestamp(),
									steep_repl_stale_after * 1000));
}

static void
append_slot(StringInfo out, const SteepProgressSlot *slot)
{
	appendStringInfoString(out, out->len > 1 ? ", {" : "{");
	steep_progress_to_json(out, &slot->progress);
	appendStringInfo(out, ", \"pid\": %d, \"is_stale\": %s, \"worker_started_at\": ",
					 slot->pid, is_stale(slot) ? "true" : "false");
	walrus_append_timestamp(out, slot->worker_started);
	appendStringInfoString(out, ", \"alive_at\": ");
	walrus_append_timestamp(out, slot->alive);
	appendStringInfoString(out, ", \"ended_at\": ");
	walrus_append_timestamp(out, slot->ended);
	appendStringInfoChar(out, '}');
}

/* Everybody sees the jobs of the roles that he is a member of, readers see all. */
static bool
may_see(Oid role, bool is_reader)
{
	return is_reader || has_privs_of_role(GetUserId(), role);
}

/* progress_slots(id): the jobs of this database that run or have run, or one; an array. */
Datum
steep_progress_slots(PG_FUNCTION_ARGS)
{
	int64		only = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	SteepProgressSlot *slots = palloc(sizeof(steep_shared->progress));
	Oid			reader = get_role_oid(READER_ROLE, true);
	bool		is_reader = OidIsValid(reader) && has_privs_of_role(GetUserId(), reader);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	if (steep_shared != NULL)
	{
		LWLockAcquire(steep_shared->lock, LW_SHARED);
		memcpy(slots, steep_shared->progress, sizeof(steep_shared->progress));
		LWLockRelease(steep_shared->lock);
		for (int i = 0; i < STEEP_PROGRESS_SLOTS; i++)
		{
			if (slots[i].database == MyDatabaseId && slots[i].progress.updated_at != 0 &&
				(only == 0 || slots[i].progress.work_queue_id == only) &&
				may_see(slots[i].role, is_reader))
				append_slot(&out, &slots[i]);
		}
	}
	appendStringInfoChar(&out, ']');
	PG_RETURN_DATUM(parse(&out));
}

/* The workers that are busy with jobs of this database, as a JSON array of process ids. */
static void
append_workers(StringInfo out)
{
	const char *separator = "";

	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		if (!worker->in_use || worker->pid == 0 || worker->task != STEEP_RUN ||
			worker->database != MyDatabaseId)
			continue;
		appendStringInfo(out, "%s%d", separator, worker->pid);
		separator = ", ";
	}
}

/* While a job waits for a JVM, each minute brings another try: an older problem is none now. */
static bool
is_recent(TimestampTz time)
{
	return !TimestampDifferenceExceeds(time, GetCurrentTimestamp(), PROBLEM_MS);
}

/* jobs_status(): whether jobs can run here, and why not; never an error. */
Datum
steep_jobs_status(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": \"%s\", \"preloaded\": %s, \"enabled\": %s",
					 STEEP_VERSION, steep_shared != NULL ? "true" : "false",
					 steep_is_enabled(MyDatabaseId) ? "true" : "false");
	if (steep_shared != NULL)
	{
		LWLockAcquire(steep_shared->lock, LW_SHARED);
		appendStringInfo(&out, ", \"launcher_pid\": %d, \"workers\": [", steep_shared->launcher_pid);
		append_workers(&out);
		appendStringInfoString(&out, "], \"problem\": ");
		escape_json(&out, is_recent(steep_shared->problem_time) ? steep_shared->problem : "");
		LWLockRelease(steep_shared->lock);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_DATUM(parse(&out));
}

/* is_worker_alive(id, pid, started): whether the job is in the hands of that worker, or of any. */
Datum
steep_is_worker_alive(PG_FUNCTION_ARGS)
{
	bool		alive = false;

	if (steep_shared == NULL || PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	LWLockAcquire(steep_shared->lock, LW_SHARED);
	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		/* A number that another process has by now comes with another time. */
		alive = alive || (worker->in_use && worker->database == MyDatabaseId &&
						  worker->job == PG_GETARG_INT64(0) &&
						  (PG_ARGISNULL(1) || worker->pid == PG_GETARG_INT32(1)) &&
						  (PG_ARGISNULL(2) || worker->started == PG_GETARG_TIMESTAMPTZ(2)));
	}
	LWLockRelease(steep_shared->lock);
	PG_RETURN_BOOL(alive);
}

/* launch_worker(): has the queue of this database looked through at once; the worker's pid. */
Datum
steep_launch_worker(PG_FUNCTION_ARGS)
{
	SteepRole	nobody = {InvalidOid, InvalidOid};
	BackgroundWorkerHandle *handle;
	pid_t		pid = 0;
	int			slot;

	walrus_require_preload();
	steep_require_primary();
	slot = steep_reserve_worker(STEEP_SWEEP, MyDatabaseId, nobody, false);
	if (slot < 0 || !steep_start_worker(slot, &handle))
	{
		if (slot >= 0)
			steep_release_worker(slot);
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("no background worker is free"),
				 errhint("Raise max_worker_processes.")));
	}
	/* One that has done its work already left its number in its place. */
	if (WaitForBackgroundWorkerStartup(handle, &pid) != BGWH_STARTED)
		pid = *(volatile int *) &steep_shared->workers[slot].pid;
	PG_RETURN_INT32(pid);
}
