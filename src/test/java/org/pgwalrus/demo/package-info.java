/** {@code make demo}: a checkpoint storm on a throwaway cluster, and pg_walrus ending it. */
@NullMarked
package org.pgwalrus.demo;

import org.jspecify.annotations.NullMarked;
