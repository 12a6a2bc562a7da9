package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private final List<String> closed = new ArrayList<>();
  private final Handover<String, RuntimeException> handover = new Handover<>(closed::add);

  @Test
  void whoUsesAThingKeepsItAndTheLastOneClosesIt() {
    handover.replace("old");
    Handover<String, RuntimeException>.Use one = handover.use().orElseThrow();
    Handover<String, RuntimeException>.Use other = handover.use().orElseThrow();
    handover.replace("new");
    assertThat(handover.now()).isEqualTo("new");
    assertThat(one.thing()).isEqualTo("old");
    one.end();
    assertThat(closed).isEmpty();
    other.end();
    assertThat(closed).containsExactly("old");
  }

  @Test
  void aThingThatNobodyUsesIsClosedWhenItIsReplaced() {
    handover.replace("old");
    handover.use().orElseThrow().end();
    assertThat(closed).isEmpty();
    handover.replace(null);
    assertThat(closed).containsExactly("old");
    assertThat(handover.use()).isEmpty();
    assertThat(handover.now()).isNull();
  }
}
