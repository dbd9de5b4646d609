/*
 * copier_worker.c
 *		A copier: a session of the role of a job, in a process of its own,
 *		without a JVM.  It does what the job worker orders, and ends with it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shm_toc.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "copier.h"

shm_mq_handle *steep_orders = NULL;

/* As whom this process has connected, and as whom its statements run. */
static Oid	own_user;
static Oid	job_role;

static void
attach(dsm_handle handle, SteepCopierSelf *self)
{
	dsm_segment *segment = dsm_attach(handle);
	shm_toc    *toc;
	shm_mq	   *orders;
	shm_mq	   *answers;

	if (segment == NULL)
		/* The job has ended meanwhile. */
		proc_exit(0);
	toc = shm_toc_attach(STEEP_COPIER_MAGIC, dsm_segment_address(segment));
	if (toc == NULL)
		elog(FATAL, "steep_repl: bad magic number in the shared memory of a copy worker");
	*self = *(SteepCopierSelf *) shm_toc_lookup(toc, STEEP_COPIER_SELF, false);
	orders = shm_toc_lookup(toc, STEEP_COPIER_ORDERS, false);
	answers = shm_toc_lookup(toc, STEEP_COPIER_ANSWERS, false);
	shm_mq_set_receiver(orders, MyProc);
	shm_mq_set_sender(answers, MyProc);
	steep_orders = shm_mq_attach(orders, segment, NULL);
	steep_answer_through(shm_mq_attach(answers, segment, NULL));
	steep_scan_through_ring();
}

/*
 * Takes on the role of the job, which no statement can change, at the start of
 * each transaction: outside of them no security context may be set.
 */
void
steep_begin_role(void)
{
	SetUserIdAndSecContext(job_role, SECURITY_LOCAL_USERID_CHANGE);
}

/* To be called after each transaction that has not failed. */
void
steep_end_role(void)
{
	if (!IsTransactionState())
		SetUserIdAndSecContext(own_user, 0);
}

/* The next order: its kind, with its text in *text; 0 when the job worker is gone. */
static char
next_order(char **text)
{
	void	   *message;
	Size		length;

	if (shm_mq_receive(steep_orders, &length, &message, false) != SHM_MQ_SUCCESS)
		return 0;
	*text = pg_client_to_server(pnstrdup((char *) message + 1, length - 1), length - 1);
	return *(char *) message;
}

/*
 * The lock that one member of a group has is no obstacle to another: somebody
 * who waits for it must not keep the other waiting behind him, which would be
 * a deadlock that the server cannot see.
 */
static void
join_lock_group(const char *text)
{
	int			pid = atoi(text);
	PGPROC	   *leader = BackendPidGetProc(pid);

	if (leader == NULL || !BecomeLockGroupMember(leader, pid))
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("the copy worker with process ID %d has ended", pid)));
}

static void
obey(char order, const char *text)
{
	steep_answer_copy_bare(order == STEEP_ORDER_COPY_OUT);
	switch (order)
	{
		case STEEP_ORDER_RUN:
		case STEEP_ORDER_COPY_OUT:
			steep_run_statement(text);
			break;
		case STEEP_ORDER_EXPORT_SLOT:
			steep_export_slot(text);
			break;
		case STEEP_ORDER_KEEP_SLOT:
			steep_keep_slot();
			break;
		case STEEP_ORDER_LEAD:
			BecomeLockGroupLeader();
			break;
		case STEEP_ORDER_JOIN:
			join_lock_group(text);
			break;
		case STEEP_ORDER_DATA:
		case STEEP_ORDER_DATA_END:
		case STEEP_ORDER_DATA_FAIL:
			/* For a COPY that has failed already. */
			return;
		default:
			elog(ERROR, "steep_repl: a copy worker cannot do \"%c\"", order);
	}
	pgstat_report_activity(IsTransactionBlock() ? STATE_IDLEINTRANSACTION : STATE_IDLE, NULL);
	if (!IsTransactionOrTransactionBlock())
		pgstat_report_stat(false);
	ReadyForQuery(DestRemote);
}

/* What the last statement did comes to nothing; the job hears why. */
static void
recover(void)
{
	EmitErrorReport();
	debug_query_string = NULL;
	AbortCurrentTransaction();
	PortalErrorCleanup();
	steep_drop_slot();
	MemoryContextSwitchTo(TopMemoryContext);
	FlushErrorState();
	pgstat_report_activity(IsTransactionBlock() ? STATE_IDLEINTRANSACTION_ABORTED : STATE_IDLE,
						   NULL);
	ReadyForQuery(DestRemote);
}

void
steep_copier_main(Datum arg)
{
	SteepCopierSelf self;
	char	   *text;
	char		order;

	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, StatementCancelHandler);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	attach(DatumGetUInt32(arg), &self);
	steep_connect(self.database, self.role, self.as_login);
	steep_reset_session();
	own_user = GetUserId();
	job_role = self.role.role;
	MessageContext = AllocSetContextCreate(TopMemoryContext, "MessageContext",
										   ALLOCSET_DEFAULT_SIZES);
	ReadyForQuery(DestRemote);
	for (;;)
	{
		MemoryContextReset(MessageContext);
		MemoryContextSwitchTo(MessageContext);
		PG_TRY();
		{
			order = next_order(&text);
			if (order == 0)
				proc_exit(0);
			obey(order, text);
		}
		PG_CATCH();
		{
			recover();
		}
		PG_END_TRY();
	}
}
