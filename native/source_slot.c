/*
 * source_slot.c
 *		Where the changes of a replication slot of another server begin, asked
 *		over the connection that a subscription would make.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "replication/walreceiver.h"
#include "utils/builtins.h"
#include "utils/pg_lsn.h"
#include "utils/tuplestore.h"

#define APPLICATION "steep_repl"

#if PG_VERSION_NUM >= 170000
#define CONNECT(conninfo, problem) \
	walrcv_connect(conninfo, true, true, false, APPLICATION, problem)
#elif PG_VERSION_NUM >= 160000
#define CONNECT(conninfo, problem) walrcv_connect(conninfo, true, false, APPLICATION, problem)
#else
#define CONNECT(conninfo, problem) walrcv_connect(conninfo, true, APPLICATION, problem)
#endif

PG_FUNCTION_INFO_V1(steep_source_slot_lsn);

static WalRcvExecResult *
ask(WalReceiverConn *connection, const char *slot)
{
	Oid			types[] = {PG_LSNOID};
	WalRcvExecResult *answer;
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query,
					 "SELECT confirmed_flush_lsn FROM pg_catalog.pg_replication_slots"
					 " WHERE database = current_database() AND NOT active AND slot_name = %s",
					 quote_literal_cstr(slot));
	answer = walrcv_exec(connection, query.data, lengthof(types), types);
	if (answer->status != WALRCV_OK_TUPLES)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not look at replication slot \"%s\": %s", slot,
						answer->err != NULL ? answer->err : "no rows came")));
	return answer;
}

/* Null where there is no such slot, or somebody reads from it. */
Datum
steep_source_slot_lsn(PG_FUNCTION_ARGS)
{
	char	   *conninfo = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *slot = NameStr(*PG_GETARG_NAME(1));
	char	   *problem;
	WalReceiverConn *connection;
	Datum		lsn = 0;
	bool		isnull = true;

	load_file("libpqwalreceiver", false);
	connection = CONNECT(conninfo, &problem);
	if (connection == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not connect to the source: %s", problem)));
	PG_TRY();
	{
		WalRcvExecResult *answer = ask(connection, slot);
		TupleTableSlot *row = MakeSingleTupleTableSlot(answer->tupledesc, &TTSOpsMinimalTuple);

		if (tuplestore_gettupleslot(answer->tuplestore, true, false, row))
			lsn = slot_getattr(row, 1, &isnull);
		ExecDropSingleTupleTableSlot(row);
		walrcv_clear_result(answer);
	}
	PG_FINALLY();
	{
		walrcv_disconnect(connection);
	}
	PG_END_TRY();
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_LSN(DatumGetLSN(lsn));
}
