/** Snapshots of databases in files: how a job generates them. */
@NullMarked
package org.pgwalrus.snapshot;

import org.jspecify.annotations.NullMarked;
