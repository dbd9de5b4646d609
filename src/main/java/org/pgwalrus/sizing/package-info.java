/**
 * The decision engine: samples of the server, a policy and a state go in, a decision and the next
 * state come out. Everything here is a value or a pure function, so it is tested without a server,
 * and the time is just another number in a sample.
 */
@NullMarked
package org.pgwalrus.sizing;

import org.jspecify.annotations.NullMarked;
