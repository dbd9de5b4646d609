/**
 * The schema of a database, written by the server's own pg_dump and restored by its pg_restore.
 * They speak to copiers of the job, through a socket that only the server's OS user can reach.
 */
@NullMarked
package org.pgwalrus.snapshot.dump;

import org.jspecify.annotations.NullMarked;
