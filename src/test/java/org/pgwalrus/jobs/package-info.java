/** Background jobs: the parts of a worker one by one, and live servers that run jobs. */
@NullMarked
package org.pgwalrus.jobs;

import org.jspecify.annotations.NullMarked;
