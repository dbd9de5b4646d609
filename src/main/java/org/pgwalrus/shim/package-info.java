/**
 * Writes the C side of the contract in {@link org.pgwalrus.backend} at build time. Not part of the
 * jar that the server loads.
 */
@NullMarked
package org.pgwalrus.shim;

import org.jspecify.annotations.NullMarked;
