package org.pgwalrus.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of libpq's manual, and what its parser does with the odd ones. */
class ConnectionStringTest {

  @Test
  void keywordsHaveValues() {
    assertThat(ConnectionString.parse(" host=h  port = 5 \tuser='a b' password='it\\'s \\\\' "))
        .isEqualTo(Map.of("host", "h", "port", "5", "user", "a b", "password", "it's \\"));
    assertThat(ConnectionString.parse("user=a\\ b dbname='' host=x host=y"))
        .isEqualTo(Map.of("user", "a b", "dbname", "", "host", "y"));
  }

  @Test
  void urisHaveParts() {
    assertThat(ConnectionString.parse("postgresql://u%40x:p%3Aw@h:1,[::1]:2/d%2Fb?sslmode=require"))
        .isEqualTo(
            Map.of(
                "user",
                "u@x",
                "password",
                "p:w",
                "host",
                "h,::1",
                "port",
                "1,2",
                "dbname",
                "d/b",
                "sslmode",
                "require"));
    assertThat(ConnectionString.parse("postgresql://")).isEmpty();
    assertThat(ConnectionString.parse("postgres:///db?host=/run/pg&port=6"))
        .isEqualTo(Map.of("dbname", "db", "host", "/run/pg", "port", "6"));
    assertThat(ConnectionString.parse("postgresql://%2Frun%2Fpg/db"))
        .isEqualTo(Map.of("host", "/run/pg", "dbname", "db"));
    assertThat(ConnectionString.parse("postgresql://h?ssl=true&application_name=a%20b"))
        .isEqualTo(Map.of("host", "h", "sslmode", "require", "application_name", "a b"));
  }

  @Test
  void aBareHostWillDo() {
    assertThat(ConnectionString.parse("db.example:6"))
        .isEqualTo(Map.of("host", "db.example", "port", "6"));
    assertThat(ConnectionString.parse("/run/pg")).isEqualTo(Map.of("host", "/run/pg"));
    assertThat(ConnectionString.parse(" ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host=h s3cret",
        "password='s3cret",
        "s3cret=1",
        "host=h pass word=s3cret",
        "postgresql://u:s3cret%@h/",
        "postgresql://u:s3cret%zz@h/",
        "postgresql://u:s3cret%00@h/",
        "postgresql://u:s3cret@[::1/",
        "postgresql://u:s3cret@[::1]x/",
        "postgresql://u:s3cret@h/?sslmode",
        "postgresql://u:s3cret@h/?a=b=c",
        "postgresql://u:s3cret@h/?s3cret=1",
        "u:s3cret@h",
        "mysql://u:s3cret@h"
      })
  void whatMeansNothingIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> ConnectionString.parse(text))
        .isInstanceOf(InvalidConnection.class)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void backOffDoublesUpToItsLimit() {
    assertThat(Retry.PATIENT.attempts()).isEqualTo(5);
    assertThat(
            java.util.stream.IntStream.rangeClosed(1, 7)
                .mapToObj(failures -> Retry.PATIENT.pauseAfter(failures).toSeconds()))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
  }

  @Test
  void attributesOfSessionsDecide() {
    assertThat(SessionAttributes.of("primary").suits(true, true)).isFalse();
    assertThat(SessionAttributes.of("read-write").suits(false, false)).isTrue();
    assertThat(SessionAttributes.of("read-only").suits(false, true)).isTrue();
    assertThat(SessionAttributes.of("prefer-standby").suits(false, false)).isFalse();
    assertThat(SessionAttributes.of("standby").suits(true, true)).isTrue();
    assertThat(SessionAttributes.of("any").suits(true, false)).isTrue();
  }
}
