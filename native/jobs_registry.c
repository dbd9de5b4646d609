/*
 * jobs_registry.c
 *		Which databases may run jobs.
 *
 * That is a setting of the database, steep_repl.registration, which lies in a
 * shared catalog: every process can read it, whatever database it is in, and
 * it goes with the database when that is renamed or dropped.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type_d.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "jobs.h"

#define ENABLED "steep_repl.registration=enabled"

static bool
says_enabled(HeapTuple tuple, TupleDesc descriptor)
{
	bool		isnull;
	Datum		config = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, descriptor, &isnull);
	Datum	   *items;
	int			count;

	if (isnull)
		return false;
	deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT,
					  &items, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		if (strncmp(TextDatumGetCString(items[i]), ENABLED, strlen(ENABLED)) == 0)
			return true;
	}
	return false;
}

/* The databases that may run jobs, or those of them that are "only"; in a transaction. */
static List *
enabled(Oid only)
{
	Relation	settings = table_open(DbRoleSettingRelationId, AccessShareLock);
	List	   *found = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(only));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(InvalidOid));
	scan = systable_beginscan(settings, DbRoleSettingDatidRolidIndexId, OidIsValid(only), NULL,
							  OidIsValid(only) ? 2 : 0, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_db_role_setting setting = (Form_pg_db_role_setting) GETSTRUCT(tuple);

		if (OidIsValid(setting->setdatabase) && !OidIsValid(setting->setrole) &&
			says_enabled(tuple, RelationGetDescr(settings)))
			found = lappend_oid(found, setting->setdatabase);
	}
	systable_endscan(scan);
	table_close(settings, AccessShareLock);
	return found;
}

/* Leaves the databases that may run jobs in shared memory, for the launcher. */
void
steep_read_registrations(void)
{
	List	   *found = enabled(InvalidOid);
	ListCell   *cell;

	if (list_length(found) > STEEP_REGISTRATIONS)
		ereport(WARNING,
				(errmsg("steep_repl: %d databases are registered for jobs, of which %d are served",
						list_length(found), STEEP_REGISTRATIONS),
				 errhint("Unregister some with steep_repl.unregister_db().")));
	LWLockAcquire(steep_shared->lock, LW_EXCLUSIVE);
	steep_shared->enabled_count = 0;
	foreach(cell, found)
	{
		if (steep_shared->enabled_count < STEEP_REGISTRATIONS)
			steep_shared->enabled[steep_shared->enabled_count++] = lfirst_oid(cell);
	}
	steep_shared->looks++;
	LWLockRelease(steep_shared->lock);
}

bool
steep_is_enabled(Oid database)
{
	return enabled(database) != NIL;
}
