/*
 * reset.c
 *		walrus.reset_shared_state(): clears the shared state when the
 *		transaction commits, so that a rollback undoes it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"

#include "walrus.h"

PG_FUNCTION_INFO_V1(walrus_reset_shared_state);

/* The subtransaction that asked for it, or invalid. */
static SubTransactionId wanted_by = InvalidSubTransactionId;

static void
at_end(XactEvent event, void *arg)
{
	if (wanted_by == InvalidSubTransactionId)
		return;
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
	{
		walrus_state_clear();
		walrus_wake_worker();
	}
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE || event == XACT_EVENT_ABORT)
		wanted_by = InvalidSubTransactionId;
}

static void
at_sub_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (wanted_by != mine)
		return;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		wanted_by = parent;
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		wanted_by = InvalidSubTransactionId;
}

Datum
walrus_reset_shared_state(PG_FUNCTION_ARGS)
{
	static bool registered = false;

	walrus_require_preload();
	if (!registered)
	{
		RegisterXactCallback(at_end, NULL);
		RegisterSubXactCallback(at_sub_end, NULL);
		registered = true;
	}
	/* An outer request stands, whatever becomes of the inner one. */
	if (wanted_by == InvalidSubTransactionId)
		wanted_by = GetCurrentSubTransactionId();
	PG_RETURN_VOID();
}
