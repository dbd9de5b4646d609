/**
 * Follows one operation on the server to its end: hears what it announces, looks at its row as a
 * safety net, shows how far it is, and passes Ctrl-C on.
 */
@NullMarked
package org.pgwalrus.cli.progress;

import org.jspecify.annotations.NullMarked;
