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
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "storage/lwlock.h"
#include "utils/timeout.h"

#include "jobs.h"
#include "walrus.h"

/* In a database without an encoding Java has to make of it what it can. */
static void
store_text(char *target, const char *text)
{
	if (text == NULL)
		text = "";
	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		text = pg_server_to_any(text, strlen(text), PG_UTF8);
	walrus_copy_text(target, text, WALRUS_TEXT_SIZE);
}

static void
store_error(const ErrorData *error)
{
	walrus_frame.results[0] = error->sqlerrcode;
	store_text(walrus_frame.texts[0], error->message);
	store_text(walrus_frame.texts[1], error->detail);
	store_text(walrus_frame.texts[2], error->hint);
}

/* Copies UTF-8, cut to whole characters where it is too long. */
void
walrus_copy_text(char *target, const char *text, size_t size)
{
	int			length = pg_encoding_mbcliplen(PG_UTF8, text, strlen(text), size - 1);

	memcpy(target, text, length);
	target[length] = '\0';
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
		pgstat_report_activity(STATE_IDLE, NULL);
		MemoryContextSwitchTo(context);

		store_error(error);
		FreeErrorData(error);
		status = -1;
	}
	PG_END_TRY();

	/* Serving a cancel has cleared the flag by which Java sees what still waits. */
	if (ShutdownRequestPending || ConfigReloadPending || steep_cancelled)
		InterruptPending = true;

	return status;
}
