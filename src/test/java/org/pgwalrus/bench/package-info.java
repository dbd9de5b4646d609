/** {@code make bench}: what pg_walrus costs and what it gains. It reports and asserts nothing. */
@NullMarked
package org.pgwalrus.bench;

import org.jspecify.annotations.NullMarked;
