package org.pgwalrus.snapshot.files;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object that was read. Asked for what is missing or of another type, it
 * notes the problem and answers with something, so that all problems of a document are found.
 */
final class JsonFields {

  /** Stands for a value that is not a text, a whole number or a boolean. */
  static final Object OTHER = new Object();

  private final String path;
  private final Problems problems;
  private final Map<String, Object> values = new HashMap<>();

  JsonFields(String path, Problems problems) {
    this.path = path;
    this.problems = problems;
  }

  void put(String key, Object value) {
    if (values.putIfAbsent(key, value) != null) {
      add(key, "is there twice");
    }
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  void require(String key) {
    if (!has(key)) {
      add(key, "is missing");
    }
  }

  /** A text that must be there and not empty. */
  String text(String key) {
    require(key);
    String text = optionalText(key);
    if (text == null) {
      return "";
    }
    if (text.isEmpty()) {
      add(key, "is empty");
    }
    return text;
  }

  /** A text, null when there is none. */
  @Nullable String optionalText(String key) {
    Object value = values.get(key);
    if (value instanceof String text) {
      return text;
    }
    if (value != null) {
      add(key, "is not a text");
    }
    return null;
  }

  /** A whole number that must be there. */
  long number(String key, long least, long most) {
    require(key);
    return number(key, least, most, least);
  }

  /** A whole number. */
  long number(String key, long least, long most, long absent) {
    Object value = values.get(key);
    if (value instanceof Long number) {
      if (number >= least && number <= most) {
        return number;
      }
      add(key, "is not between " + least + " and " + most);
    } else if (value != null) {
      add(key, "is not a whole number");
    }
    return absent;
  }

  /** A boolean. */
  boolean flag(String key, boolean absent) {
    Object value = values.get(key);
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value != null) {
      add(key, "is not true or false");
    }
    return absent;
  }

  /** Notes a problem with a member. */
  void add(String key, String problem) {
    problems.add(place(key), problem);
  }

  /** The JSON path of a member. */
  String place(String key) {
    return path + "." + key;
  }
}
