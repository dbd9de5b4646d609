/**
 * The command line {@code steep-repl}: it needs a connection to a server, and nothing else of it.
 * What it shows and does is what the extension's SQL functions tell and offer.
 */
@NullMarked
package org.pgwalrus.cli;

import org.jspecify.annotations.NullMarked;
