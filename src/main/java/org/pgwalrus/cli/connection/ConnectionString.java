package org.pgwalrus.cli.connection;

import java.util.Map;

/** What follows {@code --connection}: a URI, {@code keyword=value} pairs, or a bare host[:port]. */
final class ConnectionString {

  private ConnectionString() {}

  static Map<String, String> parse(String text) {
    if (ConnectionUri.isOne(text)) {
      return ConnectionUri.parse(text);
    } else if (text.contains("=")) {
      return KeywordString.parse(text);
    } else if (text.contains("@") || text.contains("://")) {
      throw new InvalidConnection(
          "the connection string is neither a URI nor keyword=value pairs",
          "A URI begins with postgresql://");
    }
    return text.isBlank() ? Map.of() : ConnectionUri.parse("postgresql://" + host(text.strip()));
  }

  /** Slashes of a socket directory, as a URI has them. */
  private static String host(String text) {
    return text.replace("/", "%2F");
  }
}
