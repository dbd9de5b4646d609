@NullMarked
package org.pgwalrus.cli.snapshot;

import org.jspecify.annotations.NullMarked;
