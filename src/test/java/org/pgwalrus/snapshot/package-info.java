@NullMarked
package org.pgwalrus.snapshot;

import org.jspecify.annotations.NullMarked;
