/*
 * walrus.h
 *		What the files of the library show each other.
 */
#ifndef WALRUS_H
#define WALRUS_H

#include "lib/stringinfo.h"
#include "storage/lwlock.h"

#include "compat.h"
#include "walrus_shim.h"

/* Marks the shared memory as ours: "WALR". */
#define WALRUS_MAGIC 0x57414c52

/* Waits for a wake-up only. */
#define WALRUS_FOREVER INT64_C(3600000)

/* The restart interval in seconds, also the pause before another try. */
#define WALRUS_MAX_RESTART_TIME 60

/* Crash restarts of the cluster within an hour that make the JVM suspect. */
#define WALRUS_MAX_CRASH_RESTARTS 3

/* How the engine is, in the shared state; a failure is told with its reason. */
#define WALRUS_ENGINE_OFF "off"
#define WALRUS_ENGINE_STARTING "starting"
#define WALRUS_ENGINE_READY "ready"

/* pg_walrus.c */
extern void walrus_describe_worker(BackgroundWorker *worker, const char *name,
								   const char *function, int restart_time);

/* worker.c */
extern PGDLLEXPORT void walrus_worker_main(Datum arg);
extern bool walrus_asked;
extern void walrus_install_signal_handlers(void);
extern int	walrus_restart_time(void);
extern int64 walrus_monotonic_ms(void);
extern void walrus_override_settings(const char *const (*settings)[2], size_t count);

/* shmem.c */
extern void walrus_shmem_install(void);
extern bool walrus_shmem_ready(void);
extern void walrus_require_preload(void);
extern bool walrus_in_crash_loop(void);
extern void walrus_state_load(void);
extern void walrus_state_read(WalrusState *copy);
extern int	walrus_worker_pid(void);
extern void walrus_state_clear(void);
extern bool walrus_reset_untold(void);
extern bool walrus_take_reset(void);
extern void walrus_set_engine(const char *text);

/* mailbox.c */
extern Size walrus_mailbox_size(void);
extern void walrus_mailbox_init(LWLock *lock);
extern bool walrus_request_waits(void);
extern void walrus_fail_requests(const char *reason);
extern void walrus_set_latch_of(int pid);
extern void walrus_wake_worker(void);

/* calls.c */
extern const char *walrus_begin_statement(const char *sql);
extern void walrus_end_statement(void);
extern Datum walrus_text_parameter(const char *utf8);
extern void walrus_first_value(char *text_result, int64 *results);

/* guard.c */
extern void walrus_copy_text(char *target, const char *text, size_t size);

/* engine.c */
extern int64 walrus_engine_cycle(bool reloaded);
extern void walrus_engine_failed(const char *reason);
extern void walrus_engine_check_stack_depth(void);

/* What a JVM is made for, and who hears of it. */
typedef struct WalrusProgram
{
	const char *main_class;
	const char *const *fixed_options;
	const char *heap_option;	/* or NULL */
	char	  **more_options;	/* the superuser's setting */
	const char *more_options_setting;
	const char *cache_suffix;
	bool	   *cache_suspect;	/* to be set when a JVM that used the cache gave up */
	void		(*failed) (const char *reason);
	void		(*install_signal_handlers) (void);
	bool		needs_libraries;	/* the jars in "lib" beside ours */
} WalrusProgram;

/* jvm_find.c */
typedef struct WalrusJvmFiles
{
	char		libjvm[MAXPGPATH];
	char		jar[MAXPGPATH];	/* the first element of the class path */
	char		classpath[4 * MAXPGPATH];
	char		libraries[MAXPGPATH];	/* the directory of libraries; empty when there is none */
	char		cache[MAXPGPATH];	/* empty when there is none */
	int			java_version;	/* 0 when unknown */
} WalrusJvmFiles;

extern bool walrus_jvm_find(const WalrusProgram *program, WalrusJvmFiles *files,
							StringInfo problem);
extern bool walrus_jvm_check_file(const char *path, StringInfo problem);

/* jvm_libraries.c */
extern bool walrus_jvm_add_libraries(WalrusJvmFiles *files, StringInfo problem);

/* jvm_cache.c */
extern void walrus_jvm_find_cache(const WalrusProgram *program, WalrusJvmFiles *files);

/* jvm.c */
extern int	walrus_jvm_start(const WalrusProgram *program, const WalrusJvmFiles *files);
extern int64 walrus_jvm_cycle(bool reloaded);

/* Raised by Java, copied from its toString(); "text" holds WALRUS_TEXT_SIZE. */
extern bool walrus_jvm_take_exception(char *text);

#endif							/* WALRUS_H */
