@NullMarked
package org.pgwalrus.cli;

import org.jspecify.annotations.NullMarked;
