/** What may go wrong with a JVM inside a server process, each done on purpose to a live server. */
@NullMarked
package org.pgwalrus.jvm;

import org.jspecify.annotations.NullMarked;
