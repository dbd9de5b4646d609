/*
 * mailbox.c
 *		How SQL functions ask the worker, and its answers.
 *
 * A backend never starts a JVM: it puts its request into the one slot in
 * shared memory, wakes the worker, and waits for a few seconds at most.  Each
 * request has a number, so that an answer that comes too late meets nobody.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "walrus.h"

#define ANSWER_WITHIN_MS 5000

typedef enum Stage
{
	STAGE_FREE,
	STAGE_WAITING,
	STAGE_TAKEN,
	STAGE_ANSWERED
} Stage;

typedef struct WalrusMailbox
{
	Stage		stage;
	uint64		number;
	int			kind;
	char		role[WALRUS_TEXT_SIZE / 16];
	char		text[WALRUS_TEXT_SIZE]; /* the argument, then the answer */
	ConditionVariable changed;
} WalrusMailbox;

static WalrusMailbox *mailbox = NULL;
static LWLock *mailbox_lock = NULL;

/* In the worker: the request that it took last. */
static uint64 taken = 0;

PG_FUNCTION_INFO_V1(walrus_ask);

Size
walrus_mailbox_size(void)
{
	return MAXALIGN(sizeof(WalrusMailbox));
}

/* The lock is that of the shared state. */
void
walrus_mailbox_init(LWLock *lock)
{
	bool		found;

	mailbox_lock = lock;
	mailbox = ShmemInitStruct("pg_walrus requests", sizeof(WalrusMailbox), &found);
	if (!found)
	{
		memset(mailbox, 0, sizeof(WalrusMailbox));
		ConditionVariableInit(&mailbox->changed);
	}
}

/* Wakes a process of the server, if it is there; 0 is none. */
void
walrus_set_latch_of(int pid)
{
	PGPROC	   *process = pid == 0 ? NULL : BackendPidGetProc(pid);

	if (process != NULL)
		SetLatch(&process->procLatch);
}

void
walrus_wake_worker(void)
{
	walrus_set_latch_of(walrus_worker_pid());
}

static void
set_stage(Stage stage)
{
	mailbox->stage = stage;
	LWLockRelease(mailbox_lock);
	ConditionVariableBroadcast(&mailbox->changed);
}

/* Gives the slot back, whatever has become of the request. */
static void
withdraw(int code, Datum number)
{
	LWLockAcquire(mailbox_lock, LW_EXCLUSIVE);
	set_stage(mailbox->number == DatumGetUInt64(number) ? STAGE_FREE : mailbox->stage);
}

static bool
try_post(int kind, const char *role, const char *argument, uint64 *number)
{
	LWLockAcquire(mailbox_lock, LW_EXCLUSIVE);
	if (mailbox->stage != STAGE_FREE)
	{
		LWLockRelease(mailbox_lock);
		return false;
	}
	*number = ++mailbox->number;
	mailbox->kind = kind;
	walrus_copy_text(mailbox->role, role, sizeof(mailbox->role));
	walrus_copy_text(mailbox->text, argument, sizeof(mailbox->text));
	set_stage(STAGE_WAITING);
	return true;
}

static char *
try_fetch(uint64 number)
{
	char	   *answer = NULL;

	LWLockAcquire(mailbox_lock, LW_SHARED);
	if (mailbox->number == number && mailbox->stage == STAGE_ANSWERED)
		answer = pstrdup(mailbox->text);
	LWLockRelease(mailbox_lock);
	return answer;
}

static char *
refusal(const char *reason)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"error\": ");
	escape_json(&out, reason);
	appendStringInfoChar(&out, '}');
	return out.data;
}

/* Sleeps until something changes; false when the time is up or there is no worker. */
static bool
wait_for_change(int64 deadline)
{
	int64		left = deadline - walrus_monotonic_ms();

	if (left <= 0 || walrus_worker_pid() == 0)
		return false;
	ConditionVariableTimedSleep(&mailbox->changed, left, walrus_wait_event());
	return true;
}

static char *
no_answer(void)
{
	return refusal(walrus_worker_pid() == 0 ? "worker not running" :
				   "worker did not answer within 5 seconds");
}

/* Waits for the answer to a request that has been posted, or NULL. */
static char *
await_answer(uint64 number, int64 deadline)
{
	char	   *answer = NULL;

	PG_ENSURE_ERROR_CLEANUP(withdraw, UInt64GetDatum(number));
	{
		walrus_wake_worker();
		while ((answer = try_fetch(number)) == NULL && wait_for_change(deadline))
			;
	}
	PG_END_ENSURE_ERROR_CLEANUP(withdraw, UInt64GetDatum(number));
	withdraw(0, UInt64GetDatum(number));
	return answer;
}

static char *
ask(int kind, const char *role, const char *argument)
{
	int64		deadline = walrus_monotonic_ms() + ANSWER_WITHIN_MS;
	char	   *answer = NULL;
	bool		posted;
	uint64		number;

	ConditionVariablePrepareToSleep(&mailbox->changed);
	do
		posted = try_post(kind, role, argument, &number);
	while (!posted && wait_for_change(deadline));
	if (posted)
		answer = await_answer(number, deadline);
	ConditionVariableCancelSleep();
	return answer != NULL ? answer : no_answer();
}

static int
find_kind(const char *name)
{
	for (int kind = 0; kind < walrus_request_count; kind++)
		if (strcmp(walrus_requests[kind].name, name) == 0)
			return kind;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("pg_walrus: there is no request \"%s\"", name)));
	return -1;
}

static void
check_privilege(const char *function)
{
	if (function == NULL || superuser() ||
		pg_parameter_aclcheck("max_wal_size", GetUserId(), ACL_ALTER_SYSTEM) == ACLCHECK_OK)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied: %s requires superuser", function),
			 errhint("Or the right that GRANT ALTER SYSTEM ON PARAMETER max_wal_size gives.")));
}

static char *
to_utf8(char *text)
{
	return pg_server_to_any(text, strlen(text), PG_UTF8);
}

/* ask(request text, argument text) returns text: a JSON object, perhaps with "error". */
Datum
walrus_ask(PG_FUNCTION_ARGS)
{
	int			kind = find_kind(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	char	   *utf8 = to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char	   *answer;

	walrus_require_preload();
	check_privilege(walrus_requests[kind].privileged);
	if (strlen(utf8) >= WALRUS_TEXT_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("pg_walrus: the argument of request \"%s\" is longer than %d bytes",
						walrus_requests[kind].name, WALRUS_TEXT_SIZE - 1)));

	answer = ask(kind, to_utf8(GetUserNameFromId(GetUserId(), false)), utf8);
	PG_RETURN_TEXT_P(cstring_to_text(pg_any_to_server(answer, strlen(answer), PG_UTF8)));
}

/* Whether the worker has something to take; a look without the lock is enough. */
bool
walrus_request_waits(void)
{
	return mailbox->stage == STAGE_WAITING;
}

void
walrus_take_request(char *argument, char *role, int64 *results)
{
	results[2] = walrus_take_reset();
	results[1] = 0;
	if (!walrus_request_waits())
		return;

	LWLockAcquire(mailbox_lock, LW_EXCLUSIVE);
	if (mailbox->stage == STAGE_WAITING)
	{
		taken = mailbox->number;
		mailbox->stage = STAGE_TAKEN;
		results[1] = mailbox->kind + 1;
		strlcpy(argument, mailbox->text, WALRUS_TEXT_SIZE);
		strlcpy(role, mailbox->role, WALRUS_TEXT_SIZE);
	}
	LWLockRelease(mailbox_lock);
}

void
walrus_answer(const char *text)
{
	LWLockAcquire(mailbox_lock, LW_EXCLUSIVE);
	if (mailbox->stage != STAGE_TAKEN || mailbox->number != taken)
	{
		LWLockRelease(mailbox_lock);
		return;
	}
	strlcpy(mailbox->text, text, sizeof(mailbox->text));
	set_stage(STAGE_ANSWERED);
}

/* Answers what waits or was taken, when nobody else will. */
void
walrus_fail_requests(const char *reason)
{
	if (mailbox->stage != STAGE_WAITING && mailbox->stage != STAGE_TAKEN)
		return;
	LWLockAcquire(mailbox_lock, LW_EXCLUSIVE);
	mailbox->stage = STAGE_TAKEN;
	taken = mailbox->number;
	LWLockRelease(mailbox_lock);
	walrus_answer(refusal(reason));
}
