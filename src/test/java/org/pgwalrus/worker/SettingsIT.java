package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.util.PSQLException;

/** The declared settings against those that the server knows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SettingsIT {

  private final TestCluster cluster = TestCluster.create();

  @BeforeAll
  void start() {
    cluster.startWithBaseline();
    cluster.execute("CREATE ROLE ordinary LOGIN");
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  static Stream<Named<Setting>> settings() {
    return Settings.ALL.stream().map(setting -> Named.of(setting.name(), setting));
  }

  @Test
  void theServerKnowsTheDeclaredSettingsAndNoOthers() throws SQLException {
    try (Connection connection = cluster.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT array_agg(name) FROM pg_settings"
                    + " WHERE name LIKE ANY ('{walrus.%,steep_repl.%}')")) {
      assertThat(row.next()).isTrue();
      assertThat((String[]) row.getArray(1).getArray())
          .containsExactlyInAnyOrderElementsOf(Settings.ALL.stream().map(Setting::name).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void isAsDeclared(Setting setting) throws SQLException {
    try (Connection connection = cluster.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT vartype, boot_val, min_val, max_val, unit, enumvals, context, short_desc,"
                    + " extra_desc FROM pg_settings WHERE name = ?")) {
      statement.setString(1, setting.name());
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        switch (setting) {
          case Setting.Bool bool ->
              assertShape(row, "bool", bool.defaultValue() ? "on" : "off", null, null, null);
          case Setting.Int number ->
              assertShape(
                  row,
                  "integer",
                  String.valueOf(number.defaultValue()),
                  String.valueOf(number.min()),
                  String.valueOf(number.max()),
                  number.unit() == Setting.Unit.NONE ? null : number.unit().symbol());
          case Setting.Real number ->
              assertShape(
                  row,
                  "real",
                  plain(number.defaultValue()),
                  plain(number.min()),
                  plain(number.max()),
                  null);
          case Setting.Choice choice -> {
            assertShape(row, "enum", choice.values().getFirst(), null, null, null);
            assertThat((String[]) row.getArray("enumvals").getArray())
                .containsExactlyElementsOf(choice.values());
          }
          case Setting.Text text ->
              assertShape(row, "string", text.defaultValue(), null, null, null);
        }
        assertThat(row.getString("context"))
            .isEqualTo(
                switch (setting.about().context()) {
                  case POSTMASTER -> "postmaster";
                  case SIGHUP -> "sighup";
                  case SUSET -> "superuser";
                });
        assertThat(row.getString("short_desc")).isEqualTo(setting.about().summary()).isNotBlank();
        assertThat(row.getString("extra_desc"))
            .isEqualTo(setting.about().description())
            .isNotBlank();
      }
    }
  }

  /** As the server's {@code %g} has it. */
  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static void assertShape(
      ResultSet row,
      String type,
      String boot,
      @Nullable String min,
      @Nullable String max,
      @Nullable String unit)
      throws SQLException {
    assertThat(row.getString("vartype")).isEqualTo(type);
    assertThat(row.getString("boot_val")).isEqualTo(boot);
    assertThat(row.getString("min_val")).isEqualTo(min);
    assertThat(row.getString("max_val")).isEqualTo(max);
    assertThat(row.getString("unit")).isEqualTo(unit);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void onlySuperusersSeeWhatDecidesWhichCodeRuns(Setting setting) throws SQLException {
    try (Connection connection = cluster.connect("ordinary");
        Statement statement = connection.createStatement()) {
      if (setting.about().superuserOnly()) {
        assertThatThrownBy(() -> statement.execute("SHOW " + setting.name()))
            .isInstanceOfSatisfying(
                PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      } else {
        assertThat(statement.execute("SHOW " + setting.name())).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void noOrdinarySessionCanChangeIt(Setting setting) throws SQLException {
    String wanted =
        switch (setting.about().context()) {
          case POSTMASTER -> "cannot be changed without restarting the server";
          case SIGHUP -> "cannot be changed now";
          case SUSET -> "permission denied to set parameter";
        };
    try (Connection connection = cluster.connect("ordinary");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SET " + setting.name() + " TO DEFAULT"))
          .hasMessageContaining("parameter \"" + setting.name() + "\"")
          .hasMessageContaining(wanted);
    }
  }

  static Stream<Setting.Int> numbers() {
    return Settings.ALL.stream().filter(Setting.Int.class::isInstance).map(Setting.Int.class::cast);
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void aNumberIsHeldWithinItsRange(Setting.Int number) {
    for (int value : new int[] {number.min(), number.max()}) {
      cluster.execute("ALTER SYSTEM SET " + number.name() + " = " + value);
      assertThat(cluster.autoConf()).contains(number.name() + " = '" + value + "'");
    }
    cluster.execute("ALTER SYSTEM RESET " + number.name());
    assertThat(
            cluster
                .error("ALTER SYSTEM SET " + number.name() + " = " + (number.min() - 1))
                .toString())
        .contains((number.min() - 1) + "")
        .contains("is outside the valid range for parameter \"" + number.name() + "\"");
    assertThat(
            cluster
                .error("ALTER SYSTEM SET " + number.name() + " = " + (number.max() + 1L))
                .getSQLState())
        .isEqualTo("22023");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "walrus.threshold | 0     | is outside the valid range for parameter",
        "walrus.max       | 1kB   | 0 MB is outside the valid range for parameter",
        "walrus.max       | 1MB   | 1 MB is outside the valid range for parameter",
        "walrus.max       | abc   | invalid value for parameter \"walrus.max\": \"abc\"",
        "walrus.max       | 8XB   | \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"",
        "walrus.enable    | maybe | parameter \"walrus.enable\" requires a Boolean value",
        "walrus.count_mode| magic | Available values: wal, requested",
        "walrus.nope      | 1     | configuration parameter"
      })
  void alterSystemRefuses(String name, String value, String message) {
    String before = cluster.autoConf();
    assertThat(cluster.error("ALTER SYSTEM SET " + name + " = '" + value + "'").toString())
        .contains(message);
    assertThat(cluster.autoConf()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"walrus.max,1.5GB,1536", "walrus.threshold,2.6,3", "walrus.threshold,1e2,100"})
  void whatTheServerCanRoundIsTaken(String name, String value, String effective) {
    cluster.alterSystem(name, value).reload();
    try {
      Wait.until(
          () -> name + " is " + cluster.setting(name),
          TestCluster.SOON,
          () -> cluster.setting(name).equals(effective));
    } finally {
      cluster.execute("ALTER SYSTEM RESET " + name);
      cluster.reload();
    }
  }

  @Test
  void thePrefixIsReserved() {
    assertThat(cluster.error("SET walrus.nope = 1").toString())
        .contains("invalid configuration parameter name \"walrus.nope\"")
        .contains("\"walrus\" is a reserved prefix.");
  }

  @Test
  void theDefaultsReadAsDocumented() {
    assertThat(cluster.value("SHOW walrus.enable")).isEqualTo("on");
    assertThat(cluster.value("SHOW walrus.max")).isEqualTo("4GB");
    assertThat(cluster.value("SHOW walrus.threshold")).isEqualTo("2");
    assertThat(cluster.value("SHOW walrus.database")).isEqualTo("postgres");
  }

  @Test
  void aBadValueInTheFileLeavesTheOldOne() {
    try (TestCluster other = TestCluster.create().set("walrus.threshold", "7").start()) {
      other.set("walrus.threshold", "0").set("walrus.nope", "1").reload();
      other.awaitLog("contains errors; unaffected changes were applied", TestCluster.SOON);
      assertThat(other.log())
          .contains("0 is outside the valid range for parameter \"walrus.threshold\" (1 .. 1000)");
      assertThat(other.setting("walrus.threshold")).isEqualTo("7");
      assertThat(
              other.value(
                  "SELECT error FROM pg_file_settings"
                      + " WHERE name = 'walrus.threshold' AND setting = '0'"))
          .isEqualTo("setting could not be applied");

      // At a start the file is read before the library is there: the default, with a warning.
      other.restart();
      assertThat(other.setting("walrus.threshold")).isEqualTo("2");
      assertThat(other.log())
          .contains("WARNING:  0 is outside the valid range for parameter \"walrus.threshold\"")
          .contains("WARNING:  invalid configuration parameter name \"walrus.nope\", removing it");
    }
  }
}
