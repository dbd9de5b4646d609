@NullMarked
package org.pgwalrus.cli.progress;

import org.jspecify.annotations.NullMarked;
