/**
 * One sizing cycle: observe the server, let {@link org.pgwalrus.sizing} decide, act on the
 * decision. Runs on the worker's main thread and starts no other.
 */
@NullMarked
package org.pgwalrus.worker;

import org.jspecify.annotations.NullMarked;
