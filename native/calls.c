/*
 * calls.c
 *		What Java may ask of the server.  Declared in
 *		org.pgwalrus.backend.Call, entered through guard.c.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/proc.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "walrus.h"

void
walrus_checkpointer_stats(int64 *results)
{
	PgStat_CheckpointerStats *stats;

	/* Without this the first answer of the process would be repeated. */
	pgstat_clear_snapshot();
	stats = pgstat_fetch_stat_checkpointer();
	results[0] = (int64) (uintptr_t) stats;
	results[1] = stats != NULL ? walrus_checkpointer_reset_time(stats) : 0;
}

void
walrus_wal_position(int64 *results)
{
	results[0] = (int64) GetXLogInsertRecPtr();
	results[1] = (int64) GetRedoRecPtr();
	results[2] = GetCurrentTimestamp();
}

void
walrus_alter_system_set(const char *name, int64 value)
{
	AlterSystemStmt *statement;
	A_Const    *number;

	StartTransactionCommand();

	number = makeNode(A_Const);
	number->val.ival.type = T_Integer;
	number->val.ival.ival = (int) value;
	number->location = -1;

	statement = makeNode(AlterSystemStmt);
	statement->setstmt = makeNode(VariableSetStmt);
	statement->setstmt->kind = VAR_SET_VALUE;
	statement->setstmt->name = pstrdup(name);
	statement->setstmt->args = list_make1(number);
	AlterSystemSetConfigFile(statement);

	CommitTransactionCommand();
}

void
walrus_reload(char *text_result)
{
	bool		sent = kill(PostmasterPid, SIGHUP) == 0;

	strlcpy(text_result, sent ? "" : strerror(errno), WALRUS_TEXT_SIZE);
}

void
walrus_report(int64 level, const char *message, const char *detail, const char *hint)
{
	static const int levels[] = {DEBUG1, LOG, WARNING};

	Assert(level >= 0 && level < (int64) lengthof(levels));
	message = pg_any_to_server(message, strlen(message), PG_UTF8);
	detail = pg_any_to_server(detail, strlen(detail), PG_UTF8);
	hint = pg_any_to_server(hint, strlen(hint), PG_UTF8);

	ereport(levels[level],
			(errmsg_internal("%s", message),
			 *detail ? errdetail_internal("%s", detail) : 0,
			 *hint ? errhint("%s", hint) : 0));
}

void
walrus_query(const char *sql, char *text_result, int64 *results)
{
	char	   *value;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	pgstat_report_activity(STATE_RUNNING, sql);
	enable_timeout_after(STATEMENT_TIMEOUT, StatementTimeout);

	if (SPI_execute(pg_any_to_server(sql, strlen(sql), PG_UTF8), true, 1) < 0)
		elog(ERROR, "pg_walrus: not a query: %s", sql);
	value = SPI_processed == 0 || SPI_tuptable == NULL ? NULL :
		SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	results[0] = value != NULL;
	if (value != NULL)
		walrus_copy_text(text_result, pg_server_to_any(value, strlen(value), PG_UTF8),
						 WALRUS_TEXT_SIZE);

	disable_timeout(STATEMENT_TIMEOUT, false);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
}
