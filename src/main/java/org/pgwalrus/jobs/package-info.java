/**
 * Runs jobs: claims them, drives their steps, shows their progress, and writes down how they ended.
 * What a job does is in the packages of the kinds.
 */
@NullMarked
package org.pgwalrus.jobs;

import org.jspecify.annotations.NullMarked;
