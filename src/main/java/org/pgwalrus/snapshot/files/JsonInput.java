package org.pgwalrus.snapshot.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON in UTF-8 that anybody may have written, within limits, and notes all problems. */
final class JsonInput implements AutoCloseable {

  private static final int DEEPEST = 16;
  private static final int LONGEST_TEXT = 1 << 16;
  private static final int LONGEST_NAME = 1 << 10;
  private static final int LONGEST_NUMBER = 40;

  /** Reads a value that is a list or an object. */
  interface Nested {

    /** Called on the value's first token. */
    void read(String path) throws IOException;
  }

  private final JsonParser parser;
  private final Problems problems;

  /**
   * Reads a document.
   *
   * @param longest in bytes
   */
  JsonInput(InputStream in, long longest, Problems problems) throws IOException {
    this.parser = factory(longest).createParser(in);
    this.problems = problems;
  }

  private static JsonFactory factory(long longest) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST)
                .maxStringLength(LONGEST_TEXT)
                .maxNameLength(LONGEST_NAME)
                .maxNumberLength(LONGEST_NUMBER)
                .maxDocumentLength(longest)
                .build())
        .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
        .disable(JsonFactory.Feature.CHARSET_DETECTION)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }

  /** The object that the document is; null when it is something else, which is noted. */
  @Nullable JsonFields document(Map<String, Nested> nested) throws IOException {
    parser.nextToken();
    JsonFields fields = object("$", nested);
    if (parser.nextToken() != null) {
      problems.add("$", "is not the end of the file");
    }
    return fields;
  }

  /** The object that begins here; null when it is something else, which is noted. */
  @Nullable JsonFields object(String path, Map<String, Nested> nested) throws IOException {
    if (!parser.hasToken(JsonToken.START_OBJECT)) {
      problems.add(path, "is not an object");
      parser.skipChildren();
      return null;
    }
    JsonFields fields = new JsonFields(path, problems);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      Nested reader = nested.get(key);
      if (token == JsonToken.VALUE_NULL) {
        continue;
      }
      boolean isFirst = !fields.has(key);
      fields.put(key, reader == null || !isFirst ? value() : JsonFields.OTHER);
      if (reader != null && isFirst) {
        reader.read(fields.place(key));
      }
    }
    return fields;
  }

  /** The value at the parser; of a list or an object it skips what is in it. */
  private Object value() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> wholeNumber();
      default -> {
        parser.skipChildren();
        yield JsonFields.OTHER;
      }
    };
  }

  private Object wholeNumber() throws IOException {
    try {
      return parser.getLongValue();
    } catch (InputCoercionException e) {
      return JsonFields.OTHER;
    }
  }

  /** The list that begins here; each element is read where it begins. */
  void list(String path, Nested element) throws IOException {
    if (!parser.isExpectedStartArrayToken()) {
      problems.add(path, "is not a list");
      parser.skipChildren();
      return;
    }
    int index = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element.read(path + "[" + index + "]");
      index++;
    }
  }

  /** The list of texts that begins here. */
  List<String> texts(String path) throws IOException {
    List<String> texts = new ArrayList<>();
    list(
        path,
        place -> {
          if (value() instanceof String text) {
            texts.add(text);
          } else {
            problems.add(place, "is not a text");
          }
        });
    return texts;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
