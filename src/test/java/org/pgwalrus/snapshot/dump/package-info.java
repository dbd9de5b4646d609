/** Tests of the schema of snapshots that need no server. */
@NullMarked
package org.pgwalrus.snapshot.dump;

import org.jspecify.annotations.NullMarked;
