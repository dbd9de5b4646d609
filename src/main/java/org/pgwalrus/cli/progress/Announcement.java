package org.pgwalrus.cli.progress;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message on the channel steep_repl_progress.
 *
 * @param sequence grows with each message of an operation
 * @param isLast whether the operation has ended
 */
record Announcement(String id, long sequence, boolean isLast, Progress progress) {

  private static final JsonFactory JSON = new JsonFactory();

  /** What a payload says; empty where it is not one of ours, as everybody may notify. */
  static Optional<Announcement> parse(String payload) {
    try (JsonParser json = JSON.createParser(payload)) {
      return json.nextToken() == JsonToken.START_OBJECT
          ? Optional.ofNullable(new Reader().read(json))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static final class Reader {

    private @Nullable String id;
    private String status = "running";
    private String phase = Progress.NONE.phase();
    private double percent;
    private @Nullable String table;
    private int tablesCompleted;
    private int tablesTotal;
    private long bytes;
    private @Nullable Integer eta;
    private long sequence;

    private @Nullable Announcement read(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        field(key, json);
      }
      return id == null
          ? null
          : new Announcement(
              id,
              sequence,
              !status.equals("running"),
              new Progress(phase, percent, table, tablesCompleted, tablesTotal, bytes, 0, 0, eta));
    }

    private void field(String key, JsonParser json) throws IOException {
      switch (key) {
        case "id" -> id = json.getText();
        case "status" -> status = json.getText();
        case "phase" -> phase = json.getText();
        case "percent" -> percent = json.getDoubleValue();
        case "table" -> table = json.getText();
        case "tables_completed" -> tablesCompleted = json.getIntValue();
        case "tables_total" -> tablesTotal = json.getIntValue();
        case "bytes" -> bytes = json.getLongValue();
        case "eta" -> eta = json.getIntValue();
        case "seq" -> sequence = json.getLongValue();
        default -> json.skipChildren();
      }
    }
  }
}
