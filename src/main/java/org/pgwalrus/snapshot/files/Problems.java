package org.pgwalrus.snapshot.files;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with a document, each with the JSON path of its place. */
final class Problems {

  private static final int LONGEST_LIST = 20;

  private final List<String> first = new ArrayList<>();
  private int count;

  void add(String place, String problem) {
    count++;
    if (first.size() < LONGEST_LIST) {
      first.add(place + " " + problem);
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The first of them, and how many more there are. */
  @Override
  public String toString() {
    String list = String.join("; ", first);
    return count > first.size() ? list + "; and " + (count - first.size()) + " more" : list;
  }
}
