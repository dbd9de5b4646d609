/*
 * status.c
 *		The shared state as JSON, for SQL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "walrus.h"

PG_FUNCTION_INFO_V1(walrus_shmem_status);

/* ISO 8601 in UTC with six fraction digits, or null for "never". */
void
walrus_append_timestamp(StringInfo out, TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (time == 0 || timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		appendStringInfoString(out, "null");
	else
		appendStringInfo(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00\"",
						 tm.tm_year, tm.tm_mon, tm.tm_mday,
						 tm.tm_hour, tm.tm_min, tm.tm_sec, (int) fraction);
}

Datum
walrus_shmem_status(PG_FUNCTION_ARGS)
{
	WalrusState state;
	StringInfoData out;

	walrus_require_preload();
	walrus_state_read(&state);
	initStringInfo(&out);
	appendStringInfo(&out, "{\"magic\": %u, \"version\": \"%s\", \"layout_version\": %u, \"monotonic_sec\": %.3f, ",
					 WALRUS_MAGIC, WALRUS_VERSION, WALRUS_STATE_LAYOUT, walrus_monotonic_ms() / 1000.0);
	walrus_state_to_json(&out, &state);
	appendStringInfoChar(&out, '}');
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data)));
}
