/*
 * copier.h
 *		What a job worker and its copiers share: sessions of the same role in
 *		processes of their own, which run statements and move table data.
 *
 * The queue to a copier carries orders and the input of COPY, the one from it
 * what a session would send to its client.  Each message begins with a byte
 * that says what it is.
 */
#ifndef WALRUS_COPIER_H
#define WALRUS_COPIER_H

#include "libpq/pqformat.h"
#include "storage/dsm.h"
#include "storage/shm_mq.h"

#include "jobs.h"

/* Copiers of one job at once. */
#define STEEP_COPIERS 40

#define STEEP_COPIER_MAGIC INT64_C(0x5354434f50494552)

/* Bytes in flight each way: enough to keep both ends busy. */
#define STEEP_COPIER_QUEUE_SIZE ((Size) 2048 * 1024)

/* Bytes of one message: a fraction of the queue, so that it rarely wraps around. */
#define STEEP_COPIER_CHUNK 65536

/* Orders to a copier. */
#define STEEP_ORDER_RUN 'Q'		/* a statement, answered as to a client */
#define STEEP_ORDER_COPY_OUT 'O'	/* the same, but the rows of COPY come bare */
#define STEEP_ORDER_EXPORT_SLOT 'S' /* makes a slot and exports its snapshot */
#define STEEP_ORDER_KEEP_SLOT 'K'
#define STEEP_ORDER_LEAD 'L'	/* makes a lock group: its members never wait for each other */
#define STEEP_ORDER_JOIN 'J'	/* joins that of the process given */
#define STEEP_ORDER_DATA 'd'	/* input of a running COPY */
#define STEEP_ORDER_DATA_END 'c'
#define STEEP_ORDER_DATA_FAIL 'f'

/* Answers. */
#define STEEP_ANSWER_MESSAGES 'M'	/* whole messages of the frontend/backend protocol */
#define STEEP_ANSWER_DATA 'D'	/* rows of a COPY that was asked for bare */

typedef enum SteepCopierKey
{
	STEEP_COPIER_SELF,
	STEEP_COPIER_ORDERS,
	STEEP_COPIER_ANSWERS
} SteepCopierKey;

/* Who a copier is to be. */
typedef struct SteepCopierSelf
{
	Oid			database;
	SteepRole	role;
	bool		as_login;
} SteepCopierSelf;

/* copier_worker.c */
extern PGDLLEXPORT void steep_copier_main(Datum arg);
extern shm_mq_handle *steep_orders;
extern void steep_begin_role(void);
extern void steep_end_role(void);

/* copier_answers.c */
extern void steep_answer_through(shm_mq_handle *queue);
extern void steep_answer_copy_bare(bool bare);

/* copier_scan.c */
extern void steep_scan_through_ring(void);

/* copier_statement.c */
extern void steep_run_statement(const char *sql);

/* copier_slot.c */
extern void steep_export_slot(const char *name);
extern void steep_keep_slot(void);
extern void steep_drop_slot(void);

/* copier_input.c */
extern uint64 steep_copy_from(const char *sql, const CopyStmt *statement);

/* jobs_worker.c */
extern void steep_connect(Oid database, SteepRole role, bool as_login);

/* copiers.c */
extern void steep_end_copiers(void);

/* copiers_wait.c */
extern void steep_prepare_wait(void);

#endif							/* WALRUS_COPIER_H */
