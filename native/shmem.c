/*
 * shmem.c
 *		The state that the worker shares with SQL functions.
 *
 * The worker owns a copy of the state, which its Java code writes in place;
 * publishing copies it to shared memory under one lock, so that no reader
 * sees half of a cycle.  A restarted worker takes the shared state over.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "walrus.h"

#define WALRUS_MAGIC 0x57414c52

typedef struct WalrusShared
{
	uint32		magic;
	uint32		layout;
	LWLock	   *lock;
	WalrusState state;
} WalrusShared;

static WalrusShared *shared = NULL;
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
	RequestNamedLWLockTranche("pg_walrus", 1);
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

void
walrus_state_load(void)
{
	walrus_state_read(&walrus_state);
}

void
walrus_publish_state(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->state = walrus_state;
	LWLockRelease(shared->lock);
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
