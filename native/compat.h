/*
 * compat.h
 *		What differs between PostgreSQL's major versions, 15 to 19.
 *
 * Each condition names the version in which PostgreSQL changed.  The names
 * WALRUS_CHECKPOINTER_... and WALRUS_HAVE_... are used by the generated shim.
 */
#ifndef WALRUS_COMPAT_H
#define WALRUS_COMPAT_H

#include "commands/dbcommands.h"
#include "common/jsonapi.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/wait_event.h"

#if PG_VERSION_NUM < 150000
#error "pg_walrus needs PostgreSQL 15 or later"
#endif

/* 17 gave the checkpointer a view of its own and renamed its counters. */
#if PG_VERSION_NUM >= 170000
#define WALRUS_CHECKPOINTER_REQUESTED num_requested
#define WALRUS_CHECKPOINTER_TIMED num_timed
#else
#define WALRUS_CHECKPOINTER_REQUESTED requested_checkpoints
#define WALRUS_CHECKPOINTER_TIMED timed_checkpoints
#endif

/* 17 added allow_alter_system. */
#if PG_VERSION_NUM >= 170000
#define WALRUS_HAVE_AllowAlterSystem
#endif

/* 18 lets a module say its name and version. */
#if PG_VERSION_NUM >= 180000
#define WALRUS_MODULE_MAGIC(n, v) PG_MODULE_MAGIC_EXT(.name = n, .version = v)
#else
#define WALRUS_MODULE_MAGIC(n, v) PG_MODULE_MAGIC
#endif

/* 18 runs a portal once only, and no longer asks. */
#if PG_VERSION_NUM >= 180000
#define WALRUS_PORTAL_RUN(portal, alone, receiver, completion) \
	PortalRun(portal, FETCH_ALL, alone, receiver, receiver, completion)
#else
#define WALRUS_PORTAL_RUN(portal, alone, receiver, completion) \
	PortalRun(portal, FETCH_ALL, alone, true, receiver, receiver, completion)
#endif

/* 19 has handlers of its own type. */
#if PG_VERSION_NUM >= 190000
#define WALRUS_SIG_IGN PG_SIG_IGN
#else
#define WALRUS_SIG_IGN SIG_IGN
#endif

/* A lexer of the server's own JSON parser; 17 changed its maker. */
static inline JsonLexContext *
walrus_json_lexer(char *json)
{
#if PG_VERSION_NUM >= 170000
	return makeJsonLexContextCstringLen(NULL, json, strlen(json),
										GetDatabaseEncoding(), false);
#else
	return makeJsonLexContextCstringLen(json, strlen(json),
										GetDatabaseEncoding(), false);
#endif
}

/* When the checkpointer's counters were last reset: before 17, with bgwriter's. */
static inline TimestampTz
walrus_checkpointer_reset_time(const PgStat_CheckpointerStats *stats)
{
#if PG_VERSION_NUM >= 170000
	return stats->stat_reset_timestamp;
#else
	(void) stats;
	return pgstat_fetch_stat_bgwriter()->stat_reset_timestamp;
#endif
}

/* 17 lets an extension name its wait events. */
static inline uint32
walrus_wait_event(void)
{
#if PG_VERSION_NUM >= 170000
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("WalrusMain");
	return event;
#else
	return PG_WAIT_EXTENSION;
#endif
}

#endif							/* WALRUS_COMPAT_H */
