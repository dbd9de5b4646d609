/*
 * calls.c
 *		What Java may ask of the server.  Declared in
 *		org.pgwalrus.backend.Call, entered through guard.c.
 */
#include "postgres.h"

#include <signal.h>
#include <sys/statvfs.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "postmaster/interrupt.h"
#include "storage/proc.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "walrus.h"

/* What a statement may take once the worker has been told to end. */
#define LAST_STATEMENT_MS 1000

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

/* Its now() is the present; without a client's message it would be that of the last one. */
static void
start_transaction(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
}

/* In a transaction of its own, which the caller has started. */
static void
alter_system(VariableSetKind kind, const char *name, List *args)
{
	AlterSystemStmt *statement = makeNode(AlterSystemStmt);

	statement->setstmt = makeNode(VariableSetStmt);
	statement->setstmt->kind = kind;
	statement->setstmt->name = pstrdup(name);
	statement->setstmt->args = args;
	AlterSystemSetConfigFile(statement);

	CommitTransactionCommand();
}

void
walrus_alter_system_set(const char *name, int64 value)
{
	A_Const    *number;

	start_transaction();
	number = makeNode(A_Const);
	number->val.ival.type = T_Integer;
	number->val.ival.ival = (int) value;
	number->location = -1;
	alter_system(VAR_SET_VALUE, name, list_make1(number));
}

void
walrus_alter_system_reset(const char *name)
{
	start_transaction();
	alter_system(VAR_RESET, name, NIL);
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

/*
 * Arms the timeout of a statement.  The signal that ends the worker cancels
 * the statement that is running; one that begins later, to record what has
 * been done, only has less time.
 */
static void
limit_statement(void)
{
	int			timeout = StatementTimeout;

	if (ShutdownRequestPending)
	{
		QueryCancelPending = false;
		timeout = LAST_STATEMENT_MS;
	}
	if (timeout > 0)
		enable_timeout_after(STATEMENT_TIMEOUT, timeout);
}

/* A parameter that came from Java. */
Datum
walrus_text_parameter(const char *utf8)
{
	return CStringGetTextDatum(pg_any_to_server(utf8, strlen(utf8), PG_UTF8));
}

/* Begins a transaction for one statement, which is returned in the server's encoding. */
const char *
walrus_begin_statement(const char *sql)
{
	start_transaction();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	pgstat_report_activity(STATE_RUNNING, sql);
	limit_statement();
	return pg_any_to_server(sql, strlen(sql), PG_UTF8);
}

/* What a statement has come to: its first value as text, and in the second result whether there is one. */
void
walrus_first_value(char *text_result, int64 *results)
{
	char	   *value = SPI_processed == 0 || SPI_tuptable == NULL ? NULL :
		SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

	results[1] = value != NULL;
	if (value != NULL)
		walrus_copy_text(text_result, pg_server_to_any(value, strlen(value), PG_UTF8),
						 WALRUS_TEXT_SIZE);
}

void
walrus_end_statement(void)
{
	disable_timeout(STATEMENT_TIMEOUT, false);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
}

/*
 * The plan of a statement of two texts.  The last one is kept: the look that
 * comes before each decision is most of what a decision costs.
 */
static SPIPlanPtr
plan(const char *sql)
{
	static char *kept_sql = NULL;
	static SPIPlanPtr kept = NULL;
	Oid			types[] = {TEXTOID, TEXTOID};
	SPIPlanPtr	made;

	if (kept != NULL)
	{
		if (strcmp(sql, kept_sql) == 0)
			return kept;
		(void) SPI_freeplan(kept);
		kept = NULL;
		pfree(kept_sql);
	}
	made = SPI_prepare(sql, lengthof(types), types);
	if (made == NULL)
		elog(ERROR, "pg_walrus: not a statement: %s", sql);
	kept_sql = MemoryContextStrdup(TopMemoryContext, sql);
	if (SPI_keepplan(made) == 0)
		kept = made;
	return made;
}

void
walrus_execute(const char *sql, const char *first, const char *second,
			   int64 read_only, char *text_result, int64 *results)
{
	Datum		values[2];

	sql = walrus_begin_statement(sql);
	values[0] = walrus_text_parameter(first);
	values[1] = walrus_text_parameter(second);
	if (SPI_execute_plan(plan(sql), values, NULL, read_only != 0, 1) < 0)
		elog(ERROR, "pg_walrus: could not execute: %s", sql);
	walrus_first_value(text_result, results);
	walrus_end_statement();
}

void
walrus_wal_disk_free(int64 *results)
{
	struct statvfs disk;

	if (statvfs(XLOGDIR, &disk) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not look at the file system of \"%s\": %m", XLOGDIR)));
	results[1] = (int64) disk.f_bavail * (int64) disk.f_frsize;
}

void
walrus_local_time(const char *zone, int64 *results)
{
	pg_time_t	now = timestamptz_to_time_t(GetCurrentTimestamp());
	pg_tz	   *tz = *zone != '\0' ? pg_tzset(zone) : session_timezone;
	struct pg_tm *tm = pg_localtime(&now, tz != NULL ? tz : session_timezone);

	results[1] = tm->tm_wday;
	results[2] = tm->tm_hour;
}
