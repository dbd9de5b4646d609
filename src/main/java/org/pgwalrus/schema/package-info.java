/** Jobs about the schema of a database. */
@NullMarked
package org.pgwalrus.schema;

import org.jspecify.annotations.NullMarked;
