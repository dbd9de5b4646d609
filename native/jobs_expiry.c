/*
 * jobs_expiry.c
 *		When something expires in a database, the launcher sends a sweeper
 *		there, which needs no JVM and sees to it.
 *
 * The time is learnt from the transaction that sets it, and after a start from
 * the sweeper that looks into every database.  It is a time of the wall clock,
 * which may be set: while one is known the launcher looks every minute.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "jobs.h"

/* How long the launcher sleeps at most while something is to expire, ms. */
#define LOOK_EVERY INT64_C(60000)

PG_FUNCTION_INFO_V1(steep_wake_at);

/* Something expires in a database; the earliest time counts.  Under the lock. */
void
steep_set_expiry(Oid database, TimestampTz at)
{
	SteepDatabase *entry = steep_database(database);

	/* Without room the next sweep there finds it. */
	if (entry != NULL && (entry->expires == 0 || at < entry->expires))
		entry->expires = at;
}

bool
steep_has_expired(const SteepDatabase *entry)
{
	return entry->expires != 0 && GetCurrentTimestamp() >= entry->expires;
}

/* Milliseconds that the launcher may sleep for what is to expire. */
int64
steep_expiry_nap(void)
{
	int64		nap = WALRUS_FOREVER;
	TimestampTz now = GetCurrentTimestamp();

	LWLockAcquire(steep_shared->lock, LW_SHARED);
	for (int i = 0; i < STEEP_DATABASES; i++)
	{
		TimestampTz at = steep_shared->databases[i].expires;

		if (at != 0)
			nap = Min(nap, Min(LOOK_EVERY, TimestampDifferenceMilliseconds(now, at)));
	}
	LWLockRelease(steep_shared->lock);
	return nap;
}

/* wake_at(time): has this database looked through then, if the transaction commits. */
Datum
steep_wake_at(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);

	if (steep_shared != NULL && !TIMESTAMP_NOT_FINITE(at))
		steep_expire_at_commit(at);
	PG_RETURN_VOID();
}
