/** Schema fingerprints, which are SQL, on real servers. */
@NullMarked
package org.pgwalrus.schema;

import org.jspecify.annotations.NullMarked;
