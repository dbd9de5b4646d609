package org.pgwalrus.cli.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses {@code postgresql://user:password@host:port,host:port/dbname?keyword=value} as libpq does:
 * every part is percent-decoded, and hosts may be IPv6 addresses in brackets or socket directories.
 */
final class ConnectionUri {

  private static final List<String> SCHEMES = List.of("postgresql://", "postgres://");

  private final Map<String, String> pairs = new LinkedHashMap<>();

  private ConnectionUri() {}

  static boolean isOne(String text) {
    return SCHEMES.stream().anyMatch(text::startsWith);
  }

  static Map<String, String> parse(String text) {
    ConnectionUri uri = new ConnectionUri();
    uri.split(text.substring(text.indexOf("://") + 3));
    return uri.pairs;
  }

  private void split(String text) {
    int query = text.indexOf('?');
    String rest = query < 0 ? text : text.substring(0, query);
    int slash = rest.indexOf('/');
    int at = rest.indexOf('@');
    if (at >= 0 && (slash < 0 || at < slash)) {
      user(rest.substring(0, at));
      rest = rest.substring(at + 1);
      slash = rest.indexOf('/');
    }
    hosts(slash < 0 ? rest : rest.substring(0, slash));
    if (slash >= 0) {
      put(Keyword.DBNAME, decode(rest.substring(slash + 1)));
    }
    if (query >= 0) {
      parameters(text.substring(query + 1));
    }
  }

  private void user(String text) {
    int colon = text.indexOf(':');
    put(Keyword.USER, decode(colon < 0 ? text : text.substring(0, colon)));
    if (colon >= 0) {
      put(Keyword.PASSWORD, decode(text.substring(colon + 1)));
    }
  }

  private void hosts(String text) {
    List<String> hosts = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (String one : text.split(",", -1)) {
      int end = one.startsWith("[") ? one.indexOf(']') : 0;
      if (end < 0) {
        throw new InvalidConnection("the connection URI has a \"[\" without its \"]\"");
      }
      int colon = one.indexOf(':', end);
      if (end > 0 && one.length() > end + 1 && colon != end + 1) {
        throw new InvalidConnection("the connection URI has text after the \"]\" of a host");
      }
      String host = colon < 0 ? one : one.substring(0, colon);
      hosts.add(decode(end > 0 ? one.substring(1, end) : host));
      ports.add(colon < 0 ? "" : decode(one.substring(colon + 1)));
    }
    put(Keyword.HOST, String.join(",", hosts));
    put(Keyword.PORT, String.join(",", ports));
  }

  private void parameters(String text) {
    for (String one : text.split("&", -1)) {
      if (one.isEmpty()) {
        continue;
      }
      int equals = one.indexOf('=');
      if (equals < 0 || one.indexOf('=', equals + 1) >= 0) {
        throw new InvalidConnection("a parameter of the connection URI must have one \"=\"");
      }
      String keyword = decode(one.substring(0, equals));
      String value = decode(one.substring(equals + 1));
      // As JDBC's URLs have it.
      if (keyword.equals("ssl") && value.equals("true")) {
        put(Keyword.SSLMODE, "require");
      } else {
        pairs.put(Keyword.checked(keyword), value);
      }
    }
  }

  private void put(String keyword, String value) {
    if (!value.isEmpty() && !value.chars().allMatch(c -> c == ',')) {
      pairs.put(keyword, value);
    }
  }

  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] source = text.getBytes(UTF_8);
    for (int i = 0; i < source.length; i++) {
      if (source[i] != '%') {
        bytes.write(source[i]);
        continue;
      }
      int high = i + 1 < source.length ? Character.digit(source[i + 1], 16) : -1;
      int low = i + 2 < source.length ? Character.digit(source[i + 2], 16) : -1;
      if (high < 0 || low < 0 || high + low == 0) {
        throw new InvalidConnection(
            "the connection URI has a \"%\" that two hexadecimal digits must follow, not 00",
            "Write a percent sign as %25.");
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    return bytes.toString(UTF_8);
  }
}
