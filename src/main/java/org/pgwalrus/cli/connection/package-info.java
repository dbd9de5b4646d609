/**
 * Where to connect to, and as whom: connection strings, environment, service and password files
 * mean here what they mean to libpq. The driver is told the result.
 */
@NullMarked
package org.pgwalrus.cli.connection;

import org.jspecify.annotations.NullMarked;
