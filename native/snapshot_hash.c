/*
 * snapshot_hash.c
 *		SHA-256 of the files of a snapshot, by the server's own functions.
 */
#include "postgres.h"

#include <unistd.h>

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "snapshot_files.h"

/* Read at once: large enough that the calls do not count. */
#define BLOCK (256 * 1024)

static _Noreturn void
fail(pg_cryptohash_ctx *hash)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not compute SHA-256: %s", pg_cryptohash_error(hash))));
}

static pg_cryptohash_ctx *
begin(void)
{
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);

	if (hash == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (pg_cryptohash_init(hash) < 0)
		fail(hash);
	return hash;
}

static void
add(pg_cryptohash_ctx *hash, const char *bytes, size_t length)
{
	if (pg_cryptohash_update(hash, (const uint8 *) bytes, length) < 0)
		fail(hash);
}

static void
end(pg_cryptohash_ctx *hash, char *hex)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	if (pg_cryptohash_final(hash, digest, sizeof(digest)) < 0)
		fail(hash);
	hex_encode((const char *) digest, sizeof(digest), hex);
	hex[STEEP_HEX_SIZE - 1] = '\0';
}

void
steep_hash_bytes(const char *bytes, size_t length, char *hex)
{
	pg_cryptohash_ctx *hash = begin();

	PG_TRY();
	{
		add(hash, bytes, length);
		end(hash, hex);
	}
	PG_FINALLY();
	{
		pg_cryptohash_free(hash);
	}
	PG_END_TRY();
}

/* Of an open file, from where it stands to its end; false, and errno, when it cannot be read. */
bool
steep_hash_file(int file, char *hex)
{
	pg_cryptohash_ctx *hash = begin();
	volatile int error = 0;

	PG_TRY();
	{
		char	   *block = palloc(BLOCK);
		ssize_t		count;

		while (error == 0 && (count = read(file, block, BLOCK)) != 0)
		{
			CHECK_FOR_INTERRUPTS();
			if (count > 0)
				add(hash, block, count);
			else if (errno != EINTR)
				error = errno;
		}
		end(hash, hex);
		pfree(block);
	}
	PG_FINALLY();
	{
		pg_cryptohash_free(hash);
	}
	PG_END_TRY();
	errno = error;
	return error == 0;
}
