/*
 * copier_input.c
 *		COPY FROM STDIN in a copier, whose standard input is the queue of its
 *		orders.
 *
 * BeginCopyFrom() leaves to its caller what DoCopy() in commands/copy.c
 * checks: the privileges on table and columns, row-level security, and
 * whether the transaction may write.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "commands/copy.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "copier.h"

/* What has come and is not read yet. */
static const char *input;
static Size input_left;
static bool input_ended;

/* Waits for more; false at the end. */
static bool
next_input(void)
{
	void	   *message;
	Size		length;

	if (shm_mq_receive(steep_orders, &length, &message, false) != SHM_MQ_SUCCESS)
		ereport(FATAL,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("the job of this copy worker has ended")));
	input = (const char *) message + 1;
	input_left = length - 1;
	switch (*(const char *) message)
	{
		case STEEP_ORDER_DATA:
			return true;
		case STEEP_ORDER_DATA_END:
			input_left = 0;
			input_ended = true;
			return false;
		default:
			input_left = 0;
			input_ended = true;
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("COPY from the job was given up")));
	}
}

static int
read_input(void *buffer, int minimum, int maximum)
{
	int			done = 0;

	while (done < minimum && !input_ended)
	{
		Size		part;

		CHECK_FOR_INTERRUPTS();
		if (input_left == 0 && !next_input())
			break;
		part = Min(input_left, (Size) (maximum - done));
		memcpy((char *) buffer + done, input, part);
		input += part;
		input_left -= part;
		done += part;
	}
	return done;
}

/* Insert privilege on the columns that COPY fills, as DoCopy() asks for it. */
static void
check_permissions(ParseState *pstate, Relation rel, const CopyStmt *statement)
{
	ParseNamespaceItem *item = addRangeTableEntryForRelation(pstate, rel, RowExclusiveLock,
															 NULL, false, false);
	List	   *columns = CopyGetAttnums(RelationGetDescr(rel), rel, statement->attlist);
	ListCell   *column;
#if PG_VERSION_NUM >= 160000
	RTEPermissionInfo *asked = item->p_perminfo;
#else
	RangeTblEntry *asked = item->p_rte;
#endif

	asked->requiredPerms = ACL_INSERT;
	foreach(column, columns)
		asked->insertedCols = bms_add_member(asked->insertedCols,
											 lfirst_int(column) - FirstLowInvalidHeapAttributeNumber);
#if PG_VERSION_NUM >= 160000
	ExecCheckPermissions(pstate->p_rtable, list_make1(asked), true);
#else
	ExecCheckRTPerms(pstate->p_rtable, true);
#endif
}

/* Runs the statement; the number of rows. */
uint64
steep_copy_from(const char *sql, const CopyStmt *statement)
{
	ParseState *pstate = make_parsestate(NULL);
	CopyFromState state;
	Relation	rel;
	uint64		rows;

	if (statement->relation == NULL || statement->whereClause != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a copy worker reads whole rows into a table")));
	input_left = 0;
	input_ended = false;
	pstate->p_sourcetext = sql;
	rel = table_openrv(statement->relation, RowExclusiveLock);
	check_permissions(pstate, rel, statement);
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY FROM not supported with row-level security"),
				 errdetail("Table \"%s\" has policies for this role.",
						   RelationGetRelationName(rel)),
				 errhint("Let the owner of the table or a role with BYPASSRLS apply the snapshot.")));
	if (XactReadOnly && !rel->rd_islocaltemp)
		PreventCommandIfReadOnly("COPY FROM");
	state = BeginCopyFrom(pstate, rel, NULL, NULL, false, read_input, statement->attlist,
						  statement->options);
	rows = CopyFrom(state);
	EndCopyFrom(state);
	free_parsestate(pstate);
	table_close(rel, NoLock);
	return rows;
}
