/** Throwaway PostgreSQL clusters for tests, the demo and the benchmarks. */
@NullMarked
package org.pgwalrus.cluster;

import org.jspecify.annotations.NullMarked;
