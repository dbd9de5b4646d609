/** The commands about snapshots, one a class. Paths in them are paths on the server. */
@NullMarked
package org.pgwalrus.cli.snapshot;

import org.jspecify.annotations.NullMarked;
