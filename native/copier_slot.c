/*
 * copier_slot.c
 *		A logical replication slot and the snapshot that shows the database
 *		exactly as it was where the slot begins, as CREATE_REPLICATION_SLOT
 *		does in replication/walsender.c.
 *
 * The slot is dropped with this process unless it is kept.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlogutils.h"
#include "libpq/pqformat.h"
#include "replication/logical.h"
#include "replication/slot.h"
#include "replication/snapbuild.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"
#include "tcop/dest.h"
#include "utils/fmgrprotos.h"
#include "utils/pg_lsn.h"

#include "copier.h"

#define PLUGIN "pgoutput"

#if PG_VERSION_NUM >= 190000
#define CHECK_REQUIREMENTS() CheckLogicalDecodingRequirements(false)
#define CREATE_SLOT(name) \
	ReplicationSlotCreate(name, true, RS_EPHEMERAL, false, false, false, false)
#define CREATE_CONTEXT(reader) \
	CreateInitDecodingContext(PLUGIN, NIL, true, false, InvalidXLogRecPtr, reader, NULL, NULL, NULL)
#else
#define CHECK_REQUIREMENTS() CheckLogicalDecodingRequirements()
#if PG_VERSION_NUM >= 170000
#define CREATE_SLOT(name) ReplicationSlotCreate(name, true, RS_EPHEMERAL, false, false, false)
#else
#define CREATE_SLOT(name) ReplicationSlotCreate(name, true, RS_EPHEMERAL, false)
#endif
#define CREATE_CONTEXT(reader) \
	CreateInitDecodingContext(PLUGIN, NIL, true, InvalidXLogRecPtr, reader, NULL, NULL, NULL)
#endif

static void
append_text(StringInfo row, const char *text)
{
	pq_sendint32(row, strlen(text));
	pq_sendbytes(row, text, strlen(text));
}

/* Answers with a row, as a statement would. */
static void
answer(const char *snapshot, XLogRecPtr lsn)
{
	StringInfoData row;

	pq_beginmessage(&row, 'D');
	pq_sendint16(&row, 2);
	append_text(&row, snapshot);
	append_text(&row, DatumGetCString(DirectFunctionCall1(pg_lsn_out, LSNGetDatum(lsn))));
	pq_endmessage(&row);
}

/* Makes a slot; its snapshot can be imported until this process gets its next order. */
void
steep_export_slot(const char *name)
{
	LogicalDecodingContext *context;

	StartTransactionCommand();
	steep_begin_role();
	CheckSlotPermissions();
	CommitTransactionCommand();
	steep_end_role();
	CHECK_REQUIREMENTS();
	CREATE_SLOT(name);
	context = CREATE_CONTEXT(XL_ROUTINE(.page_read = read_local_xlog_page,
										.segment_open = wal_segment_open,
										.segment_close = wal_segment_close));
	DecodingContextFindStartpoint(context);
	answer(SnapBuildExportSnapshot(context->snapshot_builder),
		   MyReplicationSlot->data.confirmed_flush);
	FreeDecodingContext(context);
}

/* From here on the slot outlives everything but its own end. */
void
steep_keep_slot(void)
{
	SnapBuildClearExportedSnapshot();
	if (MyReplicationSlot == NULL)
		elog(ERROR, "steep_repl: there is no slot to keep");
	ReplicationSlotPersist();
	ReplicationSlotRelease();
}

/* After an error, which no end of a transaction may have cleaned up behind. */
void
steep_drop_slot(void)
{
	LWLockReleaseAll();
	ConditionVariableCancelSleep();
	SnapBuildResetExportedSnapshotState();
	if (MyReplicationSlot != NULL)
		ReplicationSlotRelease();
}
