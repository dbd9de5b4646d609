/*
 * changed_struct.h
 *		A server whose checkpointer statistics have another shape.  Included before
 *		each C file of a library that is built for one test.
 */
#ifndef CHANGED_STRUCT_H
#define CHANGED_STRUCT_H

#include "postgres.h"

#include "pgstat.h"

#if PG_VERSION_NUM >= 170000
#define REQUESTED num_requested
#define TIMED num_timed
#else
#define REQUESTED requested_checkpoints
#define TIMED timed_checkpoints
#endif

typedef struct ChangedStats
{
	char		before[48];
	PgStat_Counter REQUESTED;
	char		between[24];
	PgStat_Counter TIMED;
	TimestampTz stat_reset_timestamp;
	char		after[16];
} ChangedStats;

static inline ChangedStats *
changed_stats(void)
{
	static ChangedStats changed;
	PgStat_CheckpointerStats *real = pgstat_fetch_stat_checkpointer();

	memset(&changed, 0x7f, sizeof(changed));
	changed.REQUESTED = real->REQUESTED;
	changed.TIMED = real->TIMED;
#if PG_VERSION_NUM >= 170000
	changed.stat_reset_timestamp = real->stat_reset_timestamp;
#endif
	return &changed;
}

#define PgStat_CheckpointerStats ChangedStats
#define pgstat_fetch_stat_checkpointer changed_stats

#endif							/* CHANGED_STRUCT_H */
