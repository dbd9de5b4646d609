/**
 * The files of a snapshot: their names, their codecs, their checksums, the manifest that lists
 * them, and the directory that must not lead anywhere else. Needs no server and starts no thread;
 * any thread may use it, each object one at a time.
 */
@NullMarked
package org.pgwalrus.snapshot.files;

import org.jspecify.annotations.NullMarked;
