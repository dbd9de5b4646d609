/*
 * jobs_queue.c
 *		SQL functions that put jobs into the queue and cancel them, on behalf
 *		of the role in effect.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type_d.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "jobs.h"

#define OPERATOR_ROLE "steep_repl_operator"

PG_FUNCTION_INFO_V1(steep_enqueue);
PG_FUNCTION_INFO_V1(steep_cancel_operation);
PG_FUNCTION_INFO_V1(steep_forget_snapshot);
PG_FUNCTION_INFO_V1(steep_note_foreign_key);
PG_FUNCTION_INFO_V1(steep_note_trigger);
PG_FUNCTION_INFO_V1(steep_wake_worker);
PG_FUNCTION_INFO_V1(steep_change_registration);

static void
require_operator(void)
{
	if (!has_privs_of_role(GetUserId(), get_role_oid(OPERATOR_ROLE, false)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to queue a job"),
				 errdetail("Only members of role \"%s\" may queue jobs.", OPERATOR_ROLE),
				 errhint("GRANT %s TO %s;", OPERATOR_ROLE,
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

/* A standby starts no worker that could connect to a database for us. */
void
steep_require_primary(void)
{
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("jobs cannot be queued during recovery"),
				 errhint("Queue the job on the primary, or promote this server.")));
}

/* A job that no worker would ever run is refused: whoever waits for it would wait forever. */
static void
require_worker(void)
{
	walrus_require_preload();
	steep_require_primary();
	if (!steep_is_enabled(MyDatabaseId))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("database \"%s\" is not registered for jobs, or disabled",
						get_database_name(MyDatabaseId)),
				 errhint("SELECT steep_repl.register_db(%s);",
						 quote_literal_cstr(get_database_name(MyDatabaseId)))));
}

/* enqueue(operation, snapshot_id, merge_id, params, retry_of): the number of the job. */
Datum
steep_enqueue(PG_FUNCTION_ARGS)
{
	SteepRole	who = {GetUserId(), GetSessionUserId()};
	Oid			types[] = {OIDOID, OIDOID, TEXTOID, TEXTOID, UUIDOID, JSONBOID, INT8OID};
	Datum		values[lengthof(types)];
	char		nulls[lengthof(types) + 1];
	char	   *id;

	require_operator();
	require_worker();
	memset(nulls, ' ', sizeof(nulls));
	values[0] = ObjectIdGetDatum(who.role);
	values[1] = ObjectIdGetDatum(who.login);
	for (int i = 0; i < PG_NARGS(); i++)
	{
		values[i + 2] = PG_GETARG_DATUM(i);
		nulls[i + 2] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	id = steep_query_as_owner("SELECT steep_repl.add_work($1, $2, $3, $4, $5, $6, $7)",
							  lengthof(types), types, values, nulls);
	steep_announce_at_commit(MyDatabaseId, who);
	PG_RETURN_INT64(strtoll(id, NULL, 10));
}

/* cancel_operation(id): whether anything was cancelled; a running job hears of it at commit. */
Datum
steep_cancel_operation(PG_FUNCTION_ARGS)
{
	Oid			types[] = {OIDOID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(GetUserId()), 0};
	char	   *result;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("p_id must not be null")));
	values[1] = PG_GETARG_DATUM(0);
	result = steep_query_as_owner("SELECT steep_repl.request_cancel($1, $2)",
								  lengthof(types), types, values, NULL);
	if (strcmp(result, "running") == 0 && steep_shared != NULL)
		steep_cancel_at_commit(PG_GETARG_INT64(0));
	PG_RETURN_BOOL(strcmp(result, "none") != 0);
}

/* forget_snapshot(id): whether there was one, whose row is gone now. */
Datum
steep_forget_snapshot(PG_FUNCTION_ARGS)
{
	Oid			types[] = {OIDOID, TEXTOID};
	Datum		values[] = {ObjectIdGetDatum(GetUserId()), PG_GETARG_DATUM(0)};
	char	   *result = steep_query_as_owner("SELECT steep_repl.forget_for($1, $2)",
											  lengthof(types), types, values, NULL);

	PG_RETURN_BOOL(*result == 't');
}

/* One of the functions (role, id, object), for the role in effect. */
static void
note_set_aside(FunctionCallInfo fcinfo, const char *sql)
{
	Oid			types[] = {OIDOID, INT8OID, OIDOID};
	Datum		values[] = {ObjectIdGetDatum(GetUserId()), PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};

	steep_query_as_owner(sql, lengthof(types), types, values, NULL);
}

/* note_foreign_key(id, constraint): writes it down, before the job drops it. */
Datum
steep_note_foreign_key(PG_FUNCTION_ARGS)
{
	note_set_aside(fcinfo, "SELECT steep_repl.note_foreign_key_for($1, $2, $3)");
	PG_RETURN_VOID();
}

/* note_trigger(id, trigger): writes it down, before the job disables it. */
Datum
steep_note_trigger(PG_FUNCTION_ARGS)
{
	note_set_aside(fcinfo, "SELECT steep_repl.note_trigger_for($1, $2, $3)");
	PG_RETURN_VOID();
}

/* Has the launcher look through the queue of this database. */
Datum
steep_wake_worker(PG_FUNCTION_ARGS)
{
	SteepRole	nobody = {InvalidOid, InvalidOid};

	walrus_require_preload();
	steep_announce_at_commit(MyDatabaseId, nobody);
	PG_RETURN_VOID();
}

/* change_registration(dbname, wish): what has become of the wish. */
Datum
steep_change_registration(PG_FUNCTION_ARGS)
{
	Oid			types[] = {OIDOID, TEXTOID, TEXTOID};
	Datum		values[] = {ObjectIdGetDatum(GetUserId()), 0, 0};
	char		nulls[] = {' ', ' ', ' ', '\0'};

	for (int i = 0; i < PG_NARGS(); i++)
	{
		values[i + 1] = PG_GETARG_DATUM(i);
		nulls[i + 1] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	if (steep_shared != NULL)
		steep_reread_at_commit();
	PG_RETURN_TEXT_P(cstring_to_text(
		steep_query_as_owner("SELECT steep_repl.register_for($1, $2, $3)",
							 lengthof(types), types, values, nulls)));
}
