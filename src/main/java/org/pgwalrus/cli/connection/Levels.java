package org.pgwalrus.cli.connection;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What was given where, and what that amounts to: for each parameter the first level counts. */
record Levels(List<Level> all) {

  /**
   * Parameters by keyword, from one place.
   *
   * @param isProfile whether they are those of the profile, or of the service that it names
   */
  record Level(Map<String, String> parameters, boolean isProfile) {

    private boolean namesHosts() {
      return parameters.containsKey(Keyword.HOST)
          || !parameters.getOrDefault(Keyword.HOSTADDR, "").isEmpty();
    }
  }

  /** Host and address are taken from one level, so that none is told to stand for another. */
  Map<String, String> merged() {
    Map<String, String> merged = new LinkedHashMap<>();
    all.forEach(level -> level.parameters().forEach(merged::putIfAbsent));
    List.of(Keyword.HOST, Keyword.HOSTADDR, Keyword.PORT).forEach(merged::remove);
    hosts()
        .ifPresent(level -> {
          copy(Keyword.HOST, level, merged);
          copy(Keyword.HOSTADDR, level, merged);
        });
    port().ifPresent(level -> copy(Keyword.PORT, level, merged));
    return merged;
  }

  private static void copy(String keyword, Level from, Map<String, String> to) {
    String value = from.parameters().get(keyword);
    if (value != null) {
      to.put(keyword, value);
    }
  }

  /** Whether nothing but the profile says to which server the session goes, and as whom. */
  boolean areOfProfile() {
    Optional<Level> user =
        all.stream().filter(level -> level.parameters().containsKey(Keyword.USER)).findFirst();
    return Stream.of(hosts(), port(), user).flatMap(Optional::stream).allMatch(Level::isProfile);
  }

  private Optional<Level> hosts() {
    return all.stream().filter(Level::namesHosts).findFirst();
  }

  /** A list of ports belongs to the hosts that it stands with, or overrides those of theirs. */
  private Optional<Level> port() {
    boolean isBelowHosts = false;
    for (Level level : all) {
      String port = level.parameters().get(Keyword.PORT);
      if (port != null && !(isBelowHosts && port.contains(","))) {
        return Optional.of(level);
      }
      isBelowHosts |= level.namesHosts();
    }
    return Optional.empty();
  }
}
