/** The registry of nodes, which is SQL, on real servers. */
@NullMarked
package org.pgwalrus.nodes;

import org.jspecify.annotations.NullMarked;
