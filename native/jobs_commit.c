/*
 * jobs_commit.c
 *		What a transaction tells launcher and workers, when it commits.
 *
 * Before that nobody could see the rows that it is about, and a rollback must
 * leave no trace.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "jobs.h"

typedef struct Cancel
{
	int64		job;
	SubTransactionId wanted_by;
} Cancel;

/* A wake-up too many does no harm: these stand whatever becomes of subtransactions. */
static bool announced = false;
static Oid	announced_database;
static SteepRole announced_role;
static bool reread = false;

/* In TopTransactionContext. */
static List *cancels = NIL;

/* Its worker finds the reason when the signal comes. */
static void
cancel(int64 job)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < STEEP_WORKERS; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		/* The lock keeps the process from ending, and the number from another's hands. */
		if (worker->in_use && worker->pid != 0 && worker->job == job &&
			worker->database == MyDatabaseId)
		{
			if (worker->stop == STEEP_GO_ON)
				worker->stop = STEEP_CANCELLED;
			kill(worker->pid, SIGINT);
		}
	}
	LWLockRelease(steep_shared->lock);
}

static void
tell(void)
{
	ListCell   *cell;

	foreach(cell, cancels)
		cancel(((Cancel *) lfirst(cell))->job);
	if (!announced && !reread)
		return;
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (announced && OidIsValid(announced_role.role))
		steep_set_waiting(announced_database, announced_role);
	else if (announced)
		steep_want_sweep(announced_database, 0);
	if (reread)
		steep_shared->reread = true;
	LWLockRelease(steep_shared->lock);
	steep_wake_launcher();
}

static void
at_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && steep_shared != NULL)
		tell();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
	{
		announced = false;
		reread = false;
		cancels = NIL;
	}
}

static void
at_sub_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	ListCell   *cell;

	foreach(cell, cancels)
	{
		Cancel	   *wanted = lfirst(cell);

		if (wanted->wanted_by != mine)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			wanted->wanted_by = parent;
		else if (event == SUBXACT_EVENT_ABORT_SUB)
			cancels = foreach_delete_current(cancels, cell);
	}
}

static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	RegisterXactCallback(at_end, NULL);
	RegisterSubXactCallback(at_sub_end, NULL);
	registered = true;
}

/* A job waits in a database; without a role somebody has to look whose. */
void
steep_announce_at_commit(Oid database, SteepRole role)
{
	register_callbacks();
	if (announced)
		return;
	announced = true;
	announced_database = database;
	announced_role = role;
}

void
steep_cancel_at_commit(int64 job)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	Cancel	   *wanted = palloc(sizeof(Cancel));

	register_callbacks();
	wanted->job = job;
	wanted->wanted_by = GetCurrentSubTransactionId();
	cancels = lappend(cancels, wanted);
	MemoryContextSwitchTo(old);
}

void
steep_reread_at_commit(void)
{
	register_callbacks();
	reread = true;
}
