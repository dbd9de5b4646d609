/** The commands about the server's jobs, whatever they are about. */
@NullMarked
package org.pgwalrus.cli.ops;

import org.jspecify.annotations.NullMarked;
