/*
 * guard.c
 *		The one door through which Java enters the server.
 *
 * An error of the server is a longjmp, and no longjmp may pass a Java frame:
 * here it ends, the transaction is rolled back, and the error goes back to
 * Java in the call frame.  Main thread only.
 */
#include "postgres.h"

#include "access/xact.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "storage/lwlock.h"
#include "utils/timeout.h"

#include "walrus.h"

static void
store_error(const ErrorData *error)
{
	walrus_frame.results[0] = error->sqlerrcode;
	strlcpy(walrus_frame.texts[0], error->message ? error->message : "", WALRUS_TEXT_SIZE);
	strlcpy(walrus_frame.texts[1], error->detail ? error->detail : "", WALRUS_TEXT_SIZE);
	strlcpy(walrus_frame.texts[2], error->hint ? error->hint : "", WALRUS_TEXT_SIZE);
}

/* Makes call "number"; 0, or -1 with the error in the frame. */
int32
walrus_guarded_call(int32 number)
{
	MemoryContext context = CurrentMemoryContext;
	volatile int32 status = 0;

	PG_TRY();
	{
		if (number < 0 || number >= walrus_call_count)
			elog(ERROR, "pg_walrus: there is no call %d", number);
		walrus_calls[number] (&walrus_frame);
		/* The end of a transaction leaves another context behind. */
		MemoryContextSwitchTo(context);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		/*
		 * An error raised in a signal handler has jumped out of it, or out of
		 * the JVM's handler around it, with whatever mask was in force there.
		 */
		sigprocmask(SIG_SETMASK, &UnBlockSig, NULL);

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		disable_all_timeouts(false);
		AbortOutOfAnyTransaction();
		LWLockReleaseAll();
		MemoryContextSwitchTo(context);

		store_error(error);
		FreeErrorData(error);
		status = -1;
	}
	PG_END_TRY();

	/* Serving a cancel has cleared the flag by which Java sees what still waits. */
	if (ShutdownRequestPending || ConfigReloadPending)
		InterruptPending = true;

	return status;
}
