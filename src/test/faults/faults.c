/*
 * faults.c
 *		What C can do wrong under Java, as SQL functions.
 */
#define _GNU_SOURCE

#include "postgres.h"

#include <dlfcn.h>
#include <signal.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(fault_recurse);
PG_FUNCTION_INFO_V1(fault_fpe);
PG_FUNCTION_INFO_V1(fault_fatal);
PG_FUNCTION_INFO_V1(fault_abort);
PG_FUNCTION_INFO_V1(fault_handler);

static int
recurse(int depth)
{
	volatile char frame[512];

	check_stack_depth();
	frame[0] = (char) depth;
	return recurse(depth + 1) + frame[0];
}

/* To the limit that the server allows. */
Datum
fault_recurse(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(recurse(0));
}

/* An arithmetic trap. */
Datum
fault_fpe(PG_FUNCTION_ARGS)
{
	raise(SIGFPE);
	PG_RETURN_INT32(0);
}

Datum
fault_fatal(PG_FUNCTION_ARGS)
{
	ereport(FATAL, (errmsg("a fatal fault")));
	PG_RETURN_INT32(0);
}

Datum
fault_abort(PG_FUNCTION_ARGS)
{
	abort();
}

/* Whose handler a signal has: the file's name, or "ignored" or "default". */
Datum
fault_handler(PG_FUNCTION_ARGS)
{
	struct sigaction action;
	Dl_info		info;
	const char *slash;

	if (sigaction(PG_GETARG_INT32(0), NULL, &action) != 0)
		elog(ERROR, "no such signal");
	if (action.sa_handler == SIG_IGN)
		PG_RETURN_TEXT_P(cstring_to_text("ignored"));
	if (action.sa_handler == SIG_DFL)
		PG_RETURN_TEXT_P(cstring_to_text("default"));
	if (dladdr((void *) action.sa_handler, &info) == 0)
		elog(ERROR, "nobody's handler");
	/* The executable goes by the title of the process. */
	slash = strrchr(info.dli_fname, '/');
	PG_RETURN_TEXT_P(cstring_to_text(slash ? slash + 1 : info.dli_fname));
}
