/*
 * copier_scan.c
 *		Lets a copier read a range of a table's blocks through a small ring of
 *		buffers, as a scan of the whole table does.
 *
 * The server's own scan of a range of TIDs takes any buffer, since it expects
 * few blocks: a large table would drive all others out of shared_buffers.
 * The scan is begun here instead, before nodeTidrangescan.c finds that there
 * is none.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "executor/executor.h"

#include "copier.h"

static ExecutorStart_hook_type previous = NULL;

static void
begin_scan(TidRangeScanState *node, Snapshot snapshot)
{
	Relation	rel = node->ss.ss_currentRelation;

	node->ss.ss_currentScanDesc =
		rel->rd_tableam->scan_begin(rel, snapshot, 0, NULL, NULL,
									SO_TYPE_TIDRANGESCAN | SO_ALLOW_PAGEMODE | SO_ALLOW_STRAT);
}

static void
start_executor(QueryDesc *query, int flags)
{
	if (previous != NULL)
		previous(query, flags);
	else
		standard_ExecutorStart(query, flags);
	if (query->planstate != NULL && IsA(query->planstate, TidRangeScanState))
		begin_scan((TidRangeScanState *) query->planstate, query->estate->es_snapshot);
}

/* From here on this process, a copier, scans that way. */
void
steep_scan_through_ring(void)
{
	previous = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
}
