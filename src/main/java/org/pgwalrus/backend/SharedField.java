package org.pgwalrus.backend;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A field of a struct in shared memory that Java declares and both sides use. */
public interface SharedField {

  /** The name in Java. */
  String name();

  /** The name in C and in JSON. */
  default String cName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type in C, of one element. */
  CType type();

  /** Elements of an array, bytes of a text with its closing zero, else 1. */
  int length();

  /** The field that counts the elements in use, or null if this is no array. */
  default @Nullable SharedField count() {
    return null;
  }

  /** Its place in the struct. */
  int ordinal();

  /** Bytes. */
  default int size() {
    return type().size() * length();
  }
}
