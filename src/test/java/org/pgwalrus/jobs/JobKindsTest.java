package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.schema.SchemaCapture;

class JobKindsTest {

  @Test
  void theKindsOfTheJarAreListed() {
    assertThat(JobKinds.onClassPath().find("schema_capture")).isInstanceOf(SchemaCapture.class);
  }

  @Test
  void aKindIsFoundByItsOperation() {
    FakeKind kind = new FakeKind(new FakeJobServer());

    assertThat(new JobKinds(List.of(new SchemaCapture(), kind)).find(FakeKind.NAME)).isSameAs(kind);
  }

  @Test
  void anUnknownOneIsNamedWithTheVersionThatLacksIt() {
    JobKinds kinds = new JobKinds(List.of());

    assertThatThrownBy(() -> kinds.find("nothing"))
        .isInstanceOf(JobException.class)
        .hasMessage("operation \"nothing\" is not available in version " + BuildInfo.VERSION);
  }
}
