/*
 * shmem.c
 *		The state that the worker shares with SQL functions.
 *
 * The worker owns a copy of the state, which its Java code writes in place;
 * publishing copies it to shared memory under one lock, so that no reader
 * sees half of a cycle.  A restarted worker takes the shared state over.
 * walrus.reset() clears the shared state, and the worker's copy the next time
 * that the worker comes by.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "jobs.h"
#include "walrus.h"

typedef struct WalrusShared
{
	uint32		magic;
	uint32		layout;
	LWLock	   *lock;
	uint64		resets;
	WalrusState state;
} WalrusShared;

static WalrusShared *shared = NULL;

/* In the worker: the resets that its copy has followed, and whether Java has. */
static uint64 resets_seen = 0;
static bool reset_untold = false;

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

/*
 * When the last crash restarts were, the newest first.  Lives in the
 * postmaster, which runs the startup hook again after each crash, and comes
 * to the worker by fork.
 */
static TimestampTz restarts[WALRUS_MAX_CRASH_RESTARTS];
static bool started = false;

static void
request_shmem(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();

	RequestAddinShmemSpace(MAXALIGN(sizeof(WalrusShared)));
	RequestAddinShmemSpace(walrus_mailbox_size());
	RequestNamedLWLockTranche("pg_walrus", 1);
	RequestAddinShmemSpace(steep_shmem_size());
	RequestNamedLWLockTranche("steep_repl", 1);
}

static void
remember_restart(void)
{
	memmove(&restarts[1], &restarts[0], sizeof(restarts) - sizeof(restarts[0]));
	restarts[0] = GetCurrentTimestamp();
}

static void
startup_shmem(void)
{
	bool		found;

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("pg_walrus", sizeof(WalrusShared), &found);
	if (!found)
	{
		memset(shared, 0, sizeof(WalrusShared));
		shared->magic = WALRUS_MAGIC;
		shared->layout = WALRUS_STATE_LAYOUT;
		shared->lock = &(GetNamedLWLockTranche("pg_walrus"))->lock;
		strlcpy(shared->state.engine, WALRUS_ENGINE_OFF, sizeof(shared->state.engine));
		if (started)
			remember_restart();
		started = true;
	}
	walrus_mailbox_init(shared->lock);
	steep_shmem_init(&(GetNamedLWLockTranche("steep_repl"))->lock);
	LWLockRelease(AddinShmemInitLock);
}

void
walrus_shmem_install(void)
{
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shmem;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
}

/* Raises an error unless the library was preloaded. */
void
walrus_require_preload(void)
{
	if (!walrus_shmem_ready())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_walrus must be loaded via shared_preload_libraries"),
				 errhint("Add pg_walrus to shared_preload_libraries and restart the server.")));
}

/* Whether the library was preloaded, in this layout. */
bool
walrus_shmem_ready(void)
{
	return shared != NULL && shared->magic == WALRUS_MAGIC &&
		shared->layout == WALRUS_STATE_LAYOUT;
}

/* Whether the cluster keeps crashing: too many restarts within an hour. */
bool
walrus_in_crash_loop(void)
{
	TimestampTz oldest = restarts[WALRUS_MAX_CRASH_RESTARTS - 1];

	return oldest != 0 && restarts[0] - oldest < USECS_PER_HOUR;
}

void
walrus_state_read(WalrusState *copy)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	*copy = shared->state;
	LWLockRelease(shared->lock);
}

/* The worker's process id, or 0; one word, so without the lock. */
int
walrus_worker_pid(void)
{
	return *(volatile int32 *) &shared->state.worker_pid;
}

void
walrus_state_load(void)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	walrus_state = shared->state;
	resets_seen = shared->resets;
	LWLockRelease(shared->lock);
}

/* What a reset has cleared must not come back from the worker's copy. */
static void
follow_resets(void)
{
	if (shared->resets == resets_seen)
		return;
	walrus_state_reset(&walrus_state);
	resets_seen = shared->resets;
	reset_untold = true;
}

void
walrus_publish_state(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	follow_resets();
	shared->state = walrus_state;
	LWLockRelease(shared->lock);
}

/* Clears what a reset ends, in any process. */
void
walrus_state_clear(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	walrus_state_reset(&shared->state);
	shared->resets++;
	LWLockRelease(shared->lock);
}

/* Whether a reset has come that Java does not know of. */
bool
walrus_reset_untold(void)
{
	return reset_untold || shared->resets != resets_seen;
}

/* The same, said once; the worker's copy is clear afterwards. */
bool
walrus_take_reset(void)
{
	bool		untold;

	LWLockAcquire(shared->lock, LW_SHARED);
	follow_resets();
	LWLockRelease(shared->lock);
	untold = reset_untold;
	reset_untold = false;
	return untold;
}

/* Says how the engine is. */
void
walrus_set_engine(const char *text)
{
	int			length = pg_mbcliplen(text, strlen(text), sizeof(walrus_state.engine) - 1);

	memcpy(walrus_state.engine, text, length);
	walrus_state.engine[length] = '\0';
	walrus_publish_state();
}
