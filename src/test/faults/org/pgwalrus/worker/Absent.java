package org.pgwalrus.worker;

/** Compiled against, and deleted afterwards. */
final class Absent {}
