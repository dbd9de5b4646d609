package org.pgwalrus.cli.connection;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.ConstructorException;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * A document in YAML: texts, lists and maps. A text is what is written there: 1.10 is not a number,
 * and yes is no answer.
 */
final class Yaml {

  private static final String SHAPE =
      "Connections are written as connections: NAME: host: ..., each level on lines of its own,"
          + " further to the right.";

  private Yaml() {}

  /** What the file has, null for nothing. Messages repeat none of it. */
  static @Nullable Object parse(GuardedFile file) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new FailsafeSchema())
            // That schema has no word for what is left empty.
            .setTagConstructors(Map.of(Tag.NULL, node -> null))
            .build();
    try {
      return new Load(settings).loadFromString(file.text());
    } catch (YamlEngineException e) {
      throw new InvalidConnection(file.title() + " " + what(e), SHAPE);
    } catch (StackOverflowError e) {
      throw new InvalidConnection(file.title() + " has too many levels", SHAPE);
    }
  }

  private static String what(YamlEngineException e) {
    return switch (e) {
      case DuplicateKeyException twice -> "has a key twice" + line(twice);
      case ConstructorException tag -> "has a tag that is not known here" + line(tag);
      case MarkedYamlEngineException wrong -> "is not in YAML" + line(wrong);
      case ReaderException odd -> "has a character that YAML does not allow";
      default -> "has keys that are not names, or too many aliases";
    };
  }

  private static String line(MarkedYamlEngineException e) {
    return e.getProblemMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("");
  }
}
