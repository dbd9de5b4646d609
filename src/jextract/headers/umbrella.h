/*
 * What jextract reads. 17 renamed the checkpointer's counters; here they have
 * one name for every version, so that one reader compiles against all.
 */
#include "postgres.h"

#define requested_checkpoints requested
#define num_requested requested
#define timed_checkpoints timed
#define num_timed timed

#include "access/xlog.h"
#include "pgstat.h"
#include "postmaster/bgwriter.h"
