@NullMarked
package org.pgwalrus.snapshot.apply;

import org.jspecify.annotations.NullMarked;
