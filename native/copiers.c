/*
 * copiers.c
 *		The copiers of a job as its worker sees them: made, given orders, heard
 *		and ended on its main thread, for Java.  Declared in
 *		org.pgwalrus.backend.Call, entered through guard.c.
 */
#include "postgres.h"

#include <signal.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/shm_toc.h"
#include "utils/memutils.h"

#include "copier.h"

typedef struct Copier
{
	dsm_segment *segment;		/* NULL when there is none in this place */
	BackgroundWorkerHandle *worker;
	shm_mq_handle *orders;
	shm_mq_handle *answers;
} Copier;

static Copier copiers[STEEP_COPIERS];

static Copier *
copier(int64 number)
{
	if (number < 0 || number >= STEEP_COPIERS || copiers[number].segment == NULL)
		elog(ERROR, "steep_repl: there is no copy worker %lld", (long long) number);
	return &copiers[number];
}

static dsm_segment *
make_segment(shm_mq **orders, shm_mq **answers)
{
	shm_toc_estimator estimator;
	dsm_segment *segment;
	shm_toc    *toc;
	SteepCopierSelf *self;

	shm_toc_initialize_estimator(&estimator);
	shm_toc_estimate_chunk(&estimator, sizeof(SteepCopierSelf));
	shm_toc_estimate_chunk(&estimator, STEEP_COPIER_QUEUE_SIZE);
	shm_toc_estimate_chunk(&estimator, STEEP_COPIER_QUEUE_SIZE);
	shm_toc_estimate_keys(&estimator, 3);
	segment = dsm_create(shm_toc_estimate(&estimator), 0);
	dsm_pin_mapping(segment);
	toc = shm_toc_create(STEEP_COPIER_MAGIC, dsm_segment_address(segment),
						 dsm_segment_map_length(segment));

	self = shm_toc_allocate(toc, sizeof(SteepCopierSelf));
	self->database = MyDatabaseId;
	self->role = steep_me->role;
	self->as_login = steep_me->as_login;
	shm_toc_insert(toc, STEEP_COPIER_SELF, self);
	*orders = shm_mq_create(shm_toc_allocate(toc, STEEP_COPIER_QUEUE_SIZE),
							STEEP_COPIER_QUEUE_SIZE);
	shm_toc_insert(toc, STEEP_COPIER_ORDERS, *orders);
	shm_mq_set_sender(*orders, MyProc);
	*answers = shm_mq_create(shm_toc_allocate(toc, STEEP_COPIER_QUEUE_SIZE),
							 STEEP_COPIER_QUEUE_SIZE);
	shm_toc_insert(toc, STEEP_COPIER_ANSWERS, *answers);
	shm_mq_set_receiver(*answers, MyProc);
	return segment;
}

static int
free_place(void)
{
	for (int i = 0; i < STEEP_COPIERS; i++)
	{
		if (copiers[i].segment == NULL)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a job cannot have more than %d copy workers", STEEP_COPIERS)));
}

/* Starts one: its number in the second result, or -1 when the server has no worker to spare. */
void
steep_open_copier(int64 *results)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	int			number = free_place();
	BackgroundWorker description;
	BackgroundWorkerHandle *handle;
	shm_mq	   *orders;
	shm_mq	   *answers;
	dsm_segment *segment = make_segment(&orders, &answers);

	walrus_describe_worker(&description, "steep_repl copy worker", "steep_copier_main",
						   BGW_NEVER_RESTART);
	description.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
	description.bgw_notify_pid = MyProcPid;
	if (RegisterDynamicBackgroundWorker(&description, &handle))
	{
		copiers[number].segment = segment;
		copiers[number].worker = handle;
		copiers[number].orders = shm_mq_attach(orders, segment, handle);
		copiers[number].answers = shm_mq_attach(answers, segment, handle);
		results[1] = number;
	}
	else
	{
		dsm_detach(segment);
		results[1] = -1;
	}
	MemoryContextSwitchTo(caller);
}

static void
require_alive(shm_mq_result result)
{
	if (result == SHM_MQ_DETACHED)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("a copy worker of the job has ended"),
				 errhint("The server log tells why.")));
}

/*
 * Sends a message whose bytes lie at an address: 1 in the second result, 0
 * when there is no room for it yet, and then the same message has to be sent
 * again.
 */
void
steep_send_to_copier(int64 number, int64 address, int64 length, int64 *results)
{
	shm_mq_result result = shm_mq_send(copier(number)->orders, length,
									   (const void *) (uintptr_t) address, true, true);

	require_alive(result);
	results[1] = result == SHM_MQ_SUCCESS;
}

/*
 * The next message: its length in the second result, 0 when there is none yet,
 * and its address in the third, good until the next call for this copier.
 */
void
steep_receive_from_copier(int64 number, int64 *results)
{
	void	   *message;
	Size		length;
	shm_mq_result result = shm_mq_receive(copier(number)->answers, &length, &message, true);

	require_alive(result);
	results[1] = 0;
	if (result == SHM_MQ_SUCCESS)
	{
		results[1] = length;
		results[2] = (int64) (uintptr_t) message;
	}
}

/* Ends one and waits until it is gone; what it is doing is cut short. */
void
steep_close_copier(int64 number, int64 idle)
{
	Copier	   *which = copier(number);
	BackgroundWorkerHandle *worker = which->worker;

	/* One that has nothing to do ends when it finds itself alone. */
	if (idle == 0)
		TerminateBackgroundWorker(worker);
	shm_mq_detach(which->orders);
	shm_mq_detach(which->answers);
	dsm_detach(which->segment);
	memset(which, 0, sizeof(*which));
	(void) WaitForBackgroundWorkerShutdown(worker);
	pfree(worker);
}

/* At the end of the job worker: what it leaves would work on for nobody. */
void
steep_end_copiers(void)
{
	for (int i = 0; i < STEEP_COPIERS; i++)
	{
		if (copiers[i].segment != NULL)
			TerminateBackgroundWorker(copiers[i].worker);
	}
}

/*
 * Threads that start while signals are blocked leave them to the main thread
 * for ever; BlockSig would leave them SIGQUIT.
 */
void
steep_block_signals(int64 block)
{
	sigset_t	all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, block != 0 ? &all : &UnBlockSig, NULL);
}
