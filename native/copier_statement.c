/*
 * copier_statement.c
 *		Runs the text of a statement in a copier as exec_simple_query() in
 *		tcop/postgres.c does for a client.
 */
#include "postgres.h"

#include <ctype.h>

#include "access/printtup.h"
#include "access/xact.h"
#include "commands/portalcmds.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/analyze.h"
#include "pgstat.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#include "copier.h"

/* Bytes of a statement that errors tell. */
#define LONGEST_TOLD 300

static bool transaction_started = false;

/* A statement of several. */
typedef struct ScriptPlace
{
	const char *sql;
	const RawStmt *statement;
} ScriptPlace;

static void
start_transaction_command(void)
{
	if (!transaction_started)
	{
		StartTransactionCommand();
		steep_begin_role();
	}
	transaction_started = true;
}

static void
finish_transaction_command(void)
{
	if (transaction_started)
	{
		CommitTransactionCommand();
		steep_end_role();
	}
	transaction_started = false;
}

static void
require_good_transaction(const RawStmt *statement)
{
	const TransactionStmt *control = (const TransactionStmt *) statement->stmt;

	if (!IsAbortedTransactionBlockState())
		return;
	if (IsA(control, TransactionStmt) &&
		(control->kind == TRANS_STMT_COMMIT || control->kind == TRANS_STMT_ROLLBACK ||
		 control->kind == TRANS_STMT_ROLLBACK_TO))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_IN_FAILED_SQL_TRANSACTION),
			 errmsg("current transaction is aborted, commands ignored until end of transaction block")));
}

static bool
reads_from_client(const RawStmt *statement)
{
	const CopyStmt *copy = (const CopyStmt *) statement->stmt;

	return IsA(copy, CopyStmt) && copy->is_from && copy->filename == NULL;
}

static void
read_from_client(const char *sql, const CopyStmt *copy, QueryCompletion *completion)
{
	uint64		rows;

	PushActiveSnapshot(GetTransactionSnapshot());
	rows = steep_copy_from(sql, copy);
	PopActiveSnapshot();
	SetQueryCompletion(completion, CMDTAG_COPY, rows);
}

static List *
plan(const char *sql, RawStmt *statement)
{
	bool		snapshot = analyze_requires_snapshot(statement);
	List	   *plans;

	if (snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	plans = pg_plan_queries(pg_analyze_and_rewrite_fixedparams(statement, sql, NULL, 0, NULL),
							sql, CURSOR_OPT_PARALLEL_OK, NULL);
	if (snapshot)
		PopActiveSnapshot();
	return plans;
}

static void
run_in_portal(const char *sql, RawStmt *statement, bool alone, QueryCompletion *completion)
{
	Portal		portal = CreatePortal("", true, true);
	DestReceiver *receiver;
	int16		text_format = 0;

	portal->visible = false;
	PortalDefineQuery(portal, NULL, sql, CreateCommandTag(statement->stmt), plan(sql, statement),
					  NULL);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	PortalSetResultFormat(portal, 1, &text_format);
	receiver = CreateDestReceiver(DestRemote);
	SetRemoteDestReceiverParams(receiver, portal);
	(void) WALRUS_PORTAL_RUN(portal, alone, receiver, completion);
	receiver->rDestroy(receiver);
	PortalDrop(portal, false);
}

static void
run_one(const char *sql, RawStmt *statement, bool alone, bool last)
{
	QueryCompletion completion;

	InitializeQueryCompletion(&completion);
	BeginCommand(CreateCommandTag(statement->stmt), DestRemote);
	require_good_transaction(statement);
	start_transaction_command();
	if (!alone)
		BeginImplicitTransactionBlock();
	CHECK_FOR_INTERRUPTS();
	if (reads_from_client(statement))
		read_from_client(sql, (const CopyStmt *) statement->stmt, &completion);
	else
		run_in_portal(sql, statement, alone, &completion);
	if (last)
	{
		if (!alone)
			EndImplicitTransactionBlock();
		finish_transaction_command();
	}
	else if (IsA(statement->stmt, TransactionStmt))
		finish_transaction_command();
	else
		CommandCounterIncrement();
	EndCommand(&completion, DestRemote, false);
}

/* Which statement of a script is at fault: who sees the error has not written it. */
static void
tell_place(void *argument)
{
	const ScriptPlace *place = argument;
	const char *start = place->sql + place->statement->stmt_location;
	int			length = place->statement->stmt_len;

	if (length == 0)
		length = strlen(start);
	while (length > 0 && isspace((unsigned char) *start))
	{
		start++;
		length--;
	}
	errcontext("statement of a script: %.*s", pg_mbcliplen(start, length, LONGEST_TOLD), start);
}

/* The memory of one statement of a script is free before the next. */
static void
run_in_script(const char *sql, RawStmt *statement, bool last)
{
	MemoryContext context = AllocSetContextCreate(MessageContext, "steep_repl statement",
												  ALLOCSET_DEFAULT_SIZES);
	ScriptPlace place = {sql, statement};
	ErrorContextCallback callback = {error_context_stack, tell_place, &place};

	error_context_stack = &callback;
	MemoryContextSwitchTo(context);
	run_one(sql, statement, false, last);
	MemoryContextSwitchTo(MessageContext);
	MemoryContextDelete(context);
	error_context_stack = callback.previous;
}

void
steep_run_statement(const char *sql)
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *statements;
	ListCell   *cell;

	debug_query_string = sql;
	pgstat_report_activity(STATE_RUNNING, sql);
	transaction_started = false;
	start_transaction_command();
	MemoryContextSwitchTo(MessageContext);
	statements = pg_parse_query(sql);
	if (list_length(statements) == 1)
		run_one(sql, linitial_node(RawStmt, statements), true, true);
	else
	{
		foreach(cell, statements)
			run_in_script(sql, lfirst_node(RawStmt, cell), lnext(statements, cell) == NULL);
	}
	MemoryContextSwitchTo(MessageContext);
	finish_transaction_command();
	if (statements == NIL)
		NullCommand(DestRemote);
	MemoryContextSwitchTo(caller);
	debug_query_string = NULL;
}
