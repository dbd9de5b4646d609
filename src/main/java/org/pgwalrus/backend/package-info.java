/**
 * The contract between Java and the server: what is declared here is generated into the C library.
 * Only this package touches native memory; everybody else sees {@link org.pgwalrus.backend.Server}.
 */
@NullMarked
package org.pgwalrus.backend;

import org.jspecify.annotations.NullMarked;
