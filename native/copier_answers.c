/*
 * copier_answers.c
 *		Where a copier's output goes: what a backend would send to its client is
 *		gathered into large messages to the job worker.
 *
 * The rows of a COPY can be sent bare, without the protocol's five bytes
 * before each, so that nobody has to take them out again.
 */
#include "postgres.h"

/* The headers of these libraries may be missing, and struct Port is not for us. */
#undef ENABLE_GSS
#undef USE_OPENSSL
#undef USE_SSL

#include "libpq/libpq.h"
#include "libpq/pqformat.h"
#include "tcop/tcopprot.h"

#include "copier.h"

#define COPY_DATA 'd'
#define COPY_OUT_RESPONSE 'H'
#define COPY_DONE 'c'

static shm_mq_handle *answers = NULL;

/* What is to be sent next; the first byte says what it is. */
static StringInfoData chunk;

static bool bare = false;

/*
 * Sends what there is, and wakes the job worker now or once there is a good
 * deal for it: to be woken costs it more than to take a chunk.  A job worker
 * that is gone needs no answers.
 */
static void
send_chunk(bool wake)
{
	if (chunk.len > 1 && answers != NULL)
	{
		if (shm_mq_send(answers, chunk.len, chunk.data, false, wake) != SHM_MQ_SUCCESS)
			answers = NULL;
	}
	chunk.len = 0;
}

static int
flush(void)
{
	send_chunk(true);
	return 0;
}

static void
append(char kind, const char *head, size_t head_length, const char *body, size_t length)
{
	if (chunk.len > 0 &&
		(chunk.data[0] != kind || chunk.len + head_length + length > STEEP_COPIER_CHUNK))
		send_chunk(false);
	if (chunk.len == 0)
		appendStringInfoChar(&chunk, kind);
	appendBinaryStringInfo(&chunk, head, head_length);
	appendBinaryStringInfo(&chunk, body, length);
}

/*
 * The job worker does not care where rows end: a wide one comes in pieces, as
 * the whole would have to fit into its memory.
 */
static void
append_rows(const char *rows, size_t length)
{
	for (size_t done = 0; done < length;)
	{
		size_t		piece = Min(length - done, STEEP_COPIER_CHUNK - 1);

		append(STEEP_ANSWER_DATA, NULL, 0, rows + done, piece);
		done += piece;
	}
}

static int
put_message(char type, const char *body, size_t length)
{
	char		head[5];
	uint32		size = pg_hton32((uint32) (length + 4));

	if (bare && type == COPY_DATA)
	{
		append_rows(body, length);
		return 0;
	}
	if (bare && (type == COPY_OUT_RESPONSE || type == COPY_DONE))
		return 0;
	head[0] = type;
	memcpy(head + 1, &size, sizeof(size));
	append(STEEP_ANSWER_MESSAGES, head, sizeof(head), body, length);
	return 0;
}

static void
put_message_noblock(char type, const char *body, size_t length)
{
	(void) put_message(type, body, length);
}

static void
reset(void)
{
}

static int
flush_if_writable(void)
{
	return 0;
}

static bool
is_send_pending(void)
{
	return false;
}

static const PQcommMethods methods = {
	.comm_reset = reset,
	.flush = flush,
	.flush_if_writable = flush_if_writable,
	.is_send_pending = is_send_pending,
	.putmessage = put_message,
	.putmessage_noblock = put_message_noblock
};

/* From here on this process has a client: the job worker. */
void
steep_answer_through(shm_mq_handle *queue)
{
	answers = queue;
	initStringInfo(&chunk);
	enlargeStringInfo(&chunk, STEEP_COPIER_CHUNK);
	PqCommMethods = &methods;
	whereToSendOutput = DestRemote;
	FrontendProtocol = PG_PROTOCOL_LATEST;
}

/* Whether the rows of the next COPY TO STDOUT are sent without the protocol around them. */
void
steep_answer_copy_bare(bool value)
{
	bare = value;
}
