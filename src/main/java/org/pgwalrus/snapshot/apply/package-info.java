/** Snapshots in files: how a job loads them into a database. */
@NullMarked
package org.pgwalrus.snapshot.apply;

import org.jspecify.annotations.NullMarked;
