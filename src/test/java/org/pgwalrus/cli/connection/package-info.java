@NullMarked
package org.pgwalrus.cli.connection;

import org.jspecify.annotations.NullMarked;
