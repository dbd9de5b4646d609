/**
 * Build-time only: writes the manual pages and the completion of the shell from the declarations of
 * the commands, so that they cannot say anything else than {@code --help}.
 */
@NullMarked
package org.pgwalrus.cli.manual;

import org.jspecify.annotations.NullMarked;
