/*
 * jobs_owner.c
 *		Statements that run as the owner of the extension: the books of the
 *		queue, which roles may read but not write.
 *
 * A SECURITY DEFINER function could not say on whose behalf it runs: inside
 * it the role that was in effect outside cannot be seen.  So functions in C
 * look at the role first and switch afterwards.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "jobs.h"

/* The role that owns the extension, or InvalidOid where it is not installed. */
Oid
steep_extension_owner(void)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	Oid			owner = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("steep_repl"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return owner;
}

/* The same, which has to be there. */
static Oid
require_owner(void)
{
	Oid			owner = steep_extension_owner();

	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"steep_repl\" is not installed in this database"),
				 errhint("CREATE EXTENSION steep_repl;")));
	return owner;
}

/*
 * Takes on a role, which no statement can change meanwhile.  What is set from
 * here on ends with steep_end_settings().
 */
void
steep_become(Oid role, SteepFormerSelf *former)
{
	GetUserIdAndSecContext(&former->user, &former->context);
	former->guc_level = NewGUCNestLevel();
	SetUserIdAndSecContext(role, former->context | SECURITY_LOCAL_USERID_CHANGE);
}

/*
 * Takes on the owner's rights.  Whatever the caller, or a job before, has done
 * to search_path must not decide what names mean.
 */
void
steep_become_owner(SteepFormerSelf *former)
{
	steep_become(require_owner(), former);
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

void
steep_end_settings(const SteepFormerSelf *former)
{
	AtEOXact_GUC(false, former->guc_level);
}

/* Back again; after an error the end of the transaction has done so. */
void
steep_become_former(const SteepFormerSelf *former)
{
	SetUserIdAndSecContext(former->user, former->context);
}

/* Runs a statement as the owner; its first value as text, or NULL. */
char *
steep_query_as_owner(const char *sql, int count, Oid *types, Datum *values, const char *nulls)
{
	SteepFormerSelf former;
	MemoryContext caller = CurrentMemoryContext;
	char	   *value = NULL;

	steep_become_owner(&former);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(sql, count, types, values, nulls, false, 1) < 0)
		elog(ERROR, "steep_repl: could not execute: %s", sql);
	if (SPI_processed > 0 && SPI_tuptable != NULL)
	{
		char	   *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		value = text == NULL ? NULL : MemoryContextStrdup(caller, text);
	}
	SPI_finish();
	steep_end_settings(&former);
	steep_become_former(&former);
	return value;
}
