/** Tests of the files of snapshots; none needs a server. */
@NullMarked
package org.pgwalrus.snapshot.files;

import org.jspecify.annotations.NullMarked;
