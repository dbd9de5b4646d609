/*
 * jobs.h
 *		What the files around jobs show each other: the launcher, the job
 *		workers and the SQL functions meet in one block of shared memory.
 */
#ifndef WALRUS_JOBS_H
#define WALRUS_JOBS_H

#include "postmaster/bgworker.h"
#include "storage/lwlock.h"

#include "walrus.h"

/* The version of the extension whose functions this library serves. */
#define STEEP_VERSION "0.2.0"

/* Work on the books gives way before the server looks for a deadlock. */
#define STEEP_LOCK_TIMEOUT "500ms"

/* Seconds until the postmaster starts a launcher that has ended. */
#define STEEP_LAUNCHER_RESTART_TIME 5

/* Databases with work at once; of further ones the launcher learns later. */
#define STEEP_DATABASES 256

/* Registered databases that the launcher knows of. */
#define STEEP_REGISTRATIONS 1024

/* Workers at once: the most jobs that a setting allows, and those that look after them. */
#define STEEP_WORKERS 20

/* Jobs whose progress can be read; the oldest that has ended gives way. */
#define STEEP_PROGRESS_SLOTS 64

/* Why a running job has to end, in the order of org.pgwalrus.backend.Interruption. */
typedef enum SteepStop
{
	STEEP_GO_ON,
	STEEP_CANCELLED,
	STEEP_TERMINATED,
	STEEP_DISABLED
} SteepStop;

typedef enum SteepTask
{
	STEEP_RUN,					/* run jobs of one role */
	STEEP_SWEEP,				/* mend a queue after a worker has died, and look what waits */
	STEEP_LOOK					/* read which databases may run jobs */
} SteepTask;

/* Who has queued a job: the role that was in effect, and the one of the session. */
typedef struct SteepRole
{
	Oid			role;
	Oid			login;
} SteepRole;

/* A database that has something to do. */
typedef struct SteepDatabase
{
	Oid			database;		/* InvalidOid when free */
	bool		waiting;		/* whether a job waits, queued by "next" */
	SteepRole	next;
	int64		run_after;		/* monotonic ms */
	Oid			refused;		/* the role that could not connect, for which it waits */
	bool		sweep;			/* whether its queue needs to be looked through */
	int64		sweep_after;	/* monotonic ms */
	TimestampTz expires;		/* when something there expires, or 0 */
} SteepDatabase;

/* A worker, from the moment that the launcher wants it. */
typedef struct SteepWorker
{
	bool		in_use;
	SteepTask	task;
	Oid			database;
	SteepRole	role;
	bool		as_login;		/* connects as role.login and works as role.role */
	int			wanted_by;		/* the process that has asked for it */
	int			pid;			/* 0 until it has come up */
	TimestampTz started;		/* wanted, then come up */
	bool		settled;		/* it has found its way to the queue */
	int64		job;			/* in work_queue, or 0 */
	SteepStop	stop;
	int			progress;		/* the slot of that job below, or -1 */
} SteepWorker;

typedef struct SteepProgressSlot
{
	Oid			database;		/* InvalidOid when never used */
	Oid			role;
	int			pid;
	TimestampTz worker_started;
	volatile TimestampTz alive; /* the worker's sign of life, without the lock */
	TimestampTz ended;			/* 0 while the job runs */
	SteepProgress progress;
} SteepProgressSlot;

typedef struct SteepShared
{
	LWLock	   *lock;
	int			launcher_pid;
	bool		reread;			/* registrations have changed */
	int64		look_after;		/* monotonic ms: when they could not be read */
	uint64		looks;			/* counts the times that they were read */
	int			enabled_count;
	Oid			enabled[STEEP_REGISTRATIONS];	/* databases that may run jobs */
	bool		overflow;		/* work was announced that "databases" has no room for */
	bool		cache_suspect;	/* a JVM that used the cache gave up while it started */
	char		problem[WALRUS_TEXT_SIZE / 16]; /* why no JVM could start, or empty */
	TimestampTz problem_time;	/* and when it last could not */
	SteepDatabase databases[STEEP_DATABASES];
	SteepWorker workers[STEEP_WORKERS];
	SteepProgressSlot progress[STEEP_PROGRESS_SLOTS];
} SteepShared;

/* Whose rights a process had before it took on the owner's. */
typedef struct SteepFormerSelf
{
	Oid			user;
	int			context;
	int			guc_level;
} SteepFormerSelf;

/* jobs_shmem.c */
extern SteepShared *steep_shared;
extern Size steep_shmem_size(void);
extern void steep_shmem_init(LWLock *lock);
extern SteepDatabase *steep_database(Oid database);
extern void steep_set_waiting(Oid database, SteepRole next);
extern void steep_want_sweep(Oid database, int64 after);
extern int	steep_reserve_worker(SteepTask task, Oid database, SteepRole role, bool as_login);
extern void steep_release_worker(int slot);
extern bool steep_start_worker(int slot, BackgroundWorkerHandle **handle);
extern int	steep_take_progress(Oid database, int64 job);
extern void steep_wake_launcher(void);

/* jobs_registry.c */
extern void steep_read_registrations(void);
extern bool steep_is_enabled(Oid database);

/* jobs_commit.c */
extern void steep_announce_at_commit(Oid database, SteepRole role);
extern void steep_cancel_at_commit(int64 job);
extern void steep_reread_at_commit(void);
extern void steep_expire_at_commit(TimestampTz at);

/* jobs_expiry.c */
extern void steep_set_expiry(Oid database, TimestampTz at);
extern bool steep_has_expired(const SteepDatabase *entry);
extern int64 steep_expiry_nap(void);

/* jobs_owner.c */
extern Oid	steep_extension_owner(void);
extern void steep_become(Oid role, SteepFormerSelf *former);
extern void steep_become_owner(SteepFormerSelf *former);
extern void steep_end_settings(const SteepFormerSelf *former);
extern void steep_become_former(const SteepFormerSelf *former);
extern char *steep_query_as_owner(const char *sql, int count, Oid *types, Datum *values,
								  const char *nulls);

/* jobs_queue.c */
extern void steep_require_primary(void);

/* jobs_launcher.c */
extern PGDLLEXPORT void steep_launcher_main(Datum arg);

/* jobs_worker.c */
extern PGDLLEXPORT void steep_worker_main(Datum arg);
extern SteepWorker *steep_me;
extern volatile sig_atomic_t steep_cancelled;
extern bool steep_claiming;
extern void steep_keep_alive(void);
extern void steep_reset_session(void);

#endif							/* WALRUS_JOBS_H */
