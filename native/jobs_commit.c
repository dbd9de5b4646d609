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

typedef struct Announcement
{
	Oid			database;
	SteepRole	role;
} Announcement;

/* A wake-up too many does no harm: these stand whatever becomes of subtransactions. */
static List *announcements = NIL;
static bool reread = false;
static TimestampTz expiry = 0;

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
	if (announcements == NIL && !reread && expiry == 0)
		return;
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	foreach(cell, announcements)
	{
		Announcement *announced = lfirst(cell);

		if (OidIsValid(announced->role.role))
			steep_set_waiting(announced->database, announced->role);
		else
			steep_want_sweep(announced->database, 0);
	}
	if (reread)
		steep_shared->reread = true;
	if (expiry != 0)
		steep_set_expiry(MyDatabaseId, expiry);
	LWLockRelease(steep_shared->lock);
	steep_wake_launcher();
}

/* Nobody would hear of it: who commits what was prepared is another process. */
static void
refuse_prepare(void)
{
	if (announcements != NIL || reread || cancels != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot PREPARE a transaction that has queued or cancelled jobs or registered a database for them")));
}

/* The lists lie in TopTransactionContext, which goes with the transaction. */
static void
at_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_PREPARE)
		refuse_prepare();
	if (event == XACT_EVENT_COMMIT && steep_shared != NULL)
		tell();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
	{
		announcements = NIL;
		reread = false;
		expiry = 0;
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
	MemoryContext old;
	Announcement *mine;
	ListCell   *cell;

	register_callbacks();
	foreach(cell, announcements)
	{
		if (((Announcement *) lfirst(cell))->database == database)
			return;
	}
	old = MemoryContextSwitchTo(TopTransactionContext);
	mine = palloc(sizeof(Announcement));
	mine->database = database;
	mine->role = role;
	announcements = lappend(announcements, mine);
	MemoryContextSwitchTo(old);
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

/* Something expires in this database; of several times the earliest counts. */
void
steep_expire_at_commit(TimestampTz at)
{
	register_callbacks();
	if (expiry == 0 || at < expiry)
		expiry = at;
}
