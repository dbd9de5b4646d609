/*
 * jobs_shmem.c
 *		The shared memory of jobs: databases with work, workers, progress.
 *
 * One lock guards it all; nobody holds it for longer than a look or a copy.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "jobs.h"

/* NULL unless the library was preloaded. */
SteepShared *steep_shared = NULL;

Size
steep_shmem_size(void)
{
	return MAXALIGN(sizeof(SteepShared));
}

void
steep_shmem_init(LWLock *lock)
{
	bool		found;

	steep_shared = ShmemInitStruct("steep_repl", sizeof(SteepShared), &found);
	if (!found)
	{
		memset(steep_shared, 0, sizeof(SteepShared));
		steep_shared->lock = lock;
	}
}

/* Whether an entry may be another database's: nothing waits in it, nor for a time to come. */
static bool
is_free(const SteepDatabase *entry)
{
	return entry->database == InvalidOid ||
		(!entry->waiting && !entry->sweep && entry->run_after <= walrus_monotonic_ms());
}

/* Which of those that are free is taken first. */
static int
rank(const SteepDatabase *entry)
{
	return entry->database == InvalidOid ? 0 : entry->expires == 0 ? 1 : 2;
}

/* The entry of a database, made if need be; NULL when there is no room.  Under the lock. */
SteepDatabase *
steep_database(Oid database)
{
	SteepDatabase *free = NULL;

	for (int i = 0; i < STEEP_DATABASES; i++)
	{
		SteepDatabase *entry = &steep_shared->databases[i];

		if (entry->database == database)
			return entry;
		/* What expires is found by the next sweep too: it keeps nobody with work out. */
		if (is_free(entry) && (free == NULL || rank(entry) < rank(free)))
			free = entry;
	}
	if (free == NULL)
	{
		steep_shared->overflow = true;
		return NULL;
	}
	memset(free, 0, sizeof(SteepDatabase));
	free->database = database;
	return free;
}

/* A job waits in a database; the first one known decides whose worker comes.  Under the lock. */
void
steep_set_waiting(Oid database, SteepRole next)
{
	SteepDatabase *entry = steep_database(database);

	if (entry == NULL || entry->waiting)
		return;
	entry->waiting = true;
	entry->next = next;
}

/* The queue of a database needs a look, not before a time.  Under the lock. */
void
steep_want_sweep(Oid database, int64 after)
{
	SteepDatabase *entry = steep_database(database);

	if (entry == NULL)
		return;
	entry->sweep = true;
	entry->sweep_after = after;
}

/* A place for a worker that is to be started, or -1. */
int
steep_reserve_worker(SteepTask task, Oid database, SteepRole role, bool as_login)
{
	int			slot = -1;

	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < STEEP_WORKERS && slot < 0; i++)
	{
		SteepWorker *worker = &steep_shared->workers[i];

		if (worker->in_use)
			continue;
		memset(worker, 0, sizeof(SteepWorker));
		worker->in_use = true;
		worker->task = task;
		worker->database = database;
		worker->role = role;
		worker->as_login = as_login;
		worker->wanted_by = MyProcPid;
		worker->started = GetCurrentTimestamp();
		worker->progress = -1;
		slot = i;
	}
	LWLockRelease(steep_shared->lock);
	return slot;
}

/* Gives the place back of a worker that did not come up. */
void
steep_release_worker(int slot)
{
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	if (steep_shared->workers[slot].pid == 0)
		steep_shared->workers[slot].in_use = false;
	LWLockRelease(steep_shared->lock);
}

/* Asks the postmaster for the worker of a place; false when it has none to give. */
bool
steep_start_worker(int slot, BackgroundWorkerHandle **handle)
{
	static const char *const names[] = {"steep_repl job", "steep_repl sweeper",
	"steep_repl registrar"};
	BackgroundWorker worker;

	walrus_describe_worker(&worker, names[steep_shared->workers[slot].task], "steep_worker_main",
						   BGW_NEVER_RESTART);
	worker.bgw_main_arg = Int32GetDatum(slot);
	worker.bgw_notify_pid = MyProcPid;
	return RegisterDynamicBackgroundWorker(&worker, handle);
}

/*
 * A slot for the progress of a job: an unused one, else that of the job that
 * ended first.  An older job of the same number, before the numbers began
 * anew, must not pass for this one.
 */
int
steep_take_progress(Oid database, int64 job)
{
	SteepProgressSlot *slots = steep_shared->progress;
	int			best = -1;

	for (int i = 0; i < STEEP_PROGRESS_SLOTS; i++)
	{
		if (slots[i].database == database && slots[i].ended != 0 &&
			slots[i].progress.work_queue_id == job)
			slots[i].database = InvalidOid;
	}
	for (int i = 0; i < STEEP_PROGRESS_SLOTS; i++)
	{
		bool		unused = slots[i].database == InvalidOid;

		if (unused || (slots[i].ended != 0 && (best < 0 || slots[i].ended < slots[best].ended)))
			best = i;
		if (unused)
			break;
	}
	/* There are more slots than workers. */
	Assert(best >= 0);
	memset(&slots[best], 0, sizeof(SteepProgressSlot));
	slots[best].database = database;
	return best;
}

void
steep_wake_launcher(void)
{
	walrus_set_latch_of(*(volatile int *) &steep_shared->launcher_pid);
}
