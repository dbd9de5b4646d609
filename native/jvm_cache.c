/*
 * jvm_cache.c
 *		Finds the AOT cache that was made for this very jar.
 *
 * A JVM may run the classes of a cache although the jar has changed since
 * (JDK-8377932), so the cache carries the jar's digest in its name.
 */
#include "postgres.h"

#include <unistd.h>

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "storage/fd.h"
#include "utils/resowner.h"

#include "walrus.h"

/* Bytes of the digest in the name: 16 hexadecimal digits. */
#define DIGEST_IN_NAME 8

static bool
digest_file(const char *path, uint8 *digest)
{
	ResourceOwner owner;
	pg_cryptohash_ctx *hash;
	FILE	   *file = AllocateFile(path, PG_BINARY_R);
	uint8		buffer[8192];
	size_t		count;
	bool		ok;

	if (file == NULL)
		return false;

	/* The hash wants an owner, and the worker is not in a transaction. */
	owner = ResourceOwnerCreate(NULL, "pg_walrus digest");
	CurrentResourceOwner = owner;
	hash = pg_cryptohash_create(PG_SHA256);
	ok = pg_cryptohash_init(hash) >= 0;
	while (ok && (count = fread(buffer, 1, sizeof(buffer), file)) > 0)
		ok = pg_cryptohash_update(hash, buffer, count) >= 0;
	ok = ok && !ferror(file) &&
		pg_cryptohash_final(hash, digest, PG_SHA256_DIGEST_LENGTH) >= 0;
	pg_cryptohash_free(hash);
	CurrentResourceOwner = NULL;
	ResourceOwnerDelete(owner);
	FreeFile(file);
	return ok;
}

/*
 * The cache beside the jar, or an empty string; without one the start is
 * slower.  What comes behind the jar and its libraries on the class path does
 * not matter to it: the JVM wants the class path of the cache to be a prefix.
 */
void
walrus_jvm_find_cache(const WalrusProgram *program, WalrusJvmFiles *files)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		digits[2 * DIGEST_IN_NAME + 1];
	const char *name_end = strrchr(files->jar, '.');

	files->cache[0] = '\0';
	if (name_end == NULL || !digest_file(files->jar, digest))
		return;

	for (int i = 0; i < DIGEST_IN_NAME; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
	snprintf(files->cache, MAXPGPATH, "%.*s-%s%s.aot", (int) (name_end - files->jar), files->jar,
			 digits, program->cache_suffix);
	if (access(files->cache, R_OK) != 0)
	{
		ereport(LOG,
				(errmsg("pg_walrus: starting the JVM without a cache: could not read \"%s\": %m",
						files->cache),
				 errhint("Run \"make install\" again to make one.")));
		files->cache[0] = '\0';
		return;
	}

	/* A JVM that gave up with the cache may start without it. */
	if (*program->cache_suspect)
	{
		ereport(LOG,
				(errmsg("pg_walrus: an earlier JVM gave up while it started, leaving out the cache \"%s\"",
						files->cache),
				 errhint("The cache may be damaged: run \"make install\" again and restart the server.")));
		files->cache[0] = '\0';
	}
}
