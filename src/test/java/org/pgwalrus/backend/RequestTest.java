package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What SQL functions may ask, and who may. */
class RequestTest {

  @ParameterizedTest
  @EnumSource(names = {"APPLY", "RELEASE"})
  void whatChangesTheServerIsPrivileged(Request request) {
    assertThat(request.privileged()).startsWith("walrus.");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"APPLY", "RELEASE"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatOnlyTellsIsForEverybody(Request request) {
    assertThat(request.privileged()).isEmpty();
  }

  @Test
  void sqlAsksInLowerCase() {
    assertThat(Request.RECOMMENDATION.sqlName()).isEqualTo("recommendation");
  }
}
