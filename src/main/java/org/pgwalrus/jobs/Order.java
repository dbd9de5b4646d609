package org.pgwalrus.jobs;

/** The first byte of what a copier is sent, as copier.h has it. */
final class Order {

  /** A statement, answered as to a client. */
  static final char RUN = 'Q';

  /** The same, but the rows of COPY come bare. */
  static final char COPY_OUT = 'O';

  /** Makes a slot and exports its snapshot. */
  static final char EXPORT_SLOT = 'S';

  static final char KEEP_SLOT = 'K';

  /** Makes a lock group. */
  static final char LEAD = 'L';

  /** Joins that of a process. */
  static final char JOIN = 'J';

  /** Input of a COPY. */
  static final char DATA = 'd';

  static final char DATA_END = 'c';
  static final char DATA_FAIL = 'f';

  private Order() {}
}
