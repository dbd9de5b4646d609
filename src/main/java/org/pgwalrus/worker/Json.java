package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object, member by member. What the worker reads as JSON, the server parses. Keys
 * are names that need no escape.
 */
final class Json {

  private final StringBuilder out = new StringBuilder("{");

  /** A text, or null. */
  Json put(String key, @Nullable String value) {
    key(key);
    if (value == null) {
      out.append("null");
    } else {
      quote(out, value);
    }
    return this;
  }

  Json put(String key, long value) {
    key(key).append(value);
    return this;
  }

  Json put(String key, boolean value) {
    key(key).append(value);
    return this;
  }

  /** A real number with three decimals; null where it is none. */
  Json put(String key, double value) {
    key(key);
    if (Double.isFinite(value)) {
      out.append(Math.round(value * 1000) / 1000.0);
    } else {
      out.append("null");
    }
    return this;
  }

  /** Another object, or null. */
  Json put(String key, @Nullable Json value) {
    return raw(key, String.valueOf(value));
  }

  /** A value that is JSON already. */
  Json raw(String key, String json) {
    key(key).append(json);
    return this;
  }

  /** The members of another object. */
  Json merge(Json other) {
    if (other.out.length() > 1) {
      out.append(out.length() > 1 ? ", " : "").append(other.out, 1, other.out.length());
    }
    return this;
  }

  private StringBuilder key(String key) {
    if (out.length() > 1) {
      out.append(", ");
    }
    return out.append('"').append(key).append("\": ");
  }

  /** Appends a string with its quotes. */
  static void quote(StringBuilder out, String value) {
    out.append('"');
    char[] characters = value.toCharArray();
    if (isPlain(characters)) {
      out.append(value);
    } else {
      escape(out, characters);
    }
    out.append('"');
  }

  /** Most are; a call for each character costs too much in the interpreter. */
  private static boolean isPlain(char[] characters) {
    for (char c : characters) {
      if (c < ' ' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static void escape(StringBuilder out, char[] characters) {
    for (char c : characters) {
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(' ');
      } else {
        out.append(c);
      }
    }
  }

  /** The object as it is now; members may still be added. */
  @Override
  public String toString() {
    return out + "}";
  }
}
