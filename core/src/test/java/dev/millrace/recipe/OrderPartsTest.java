package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What flags, files and studies know of the orders of a stream. */
class OrderPartsTest {
  @Test
  void everyConstantIsAPartAndTheHelpSaysIt() {
    for (StreamOrder order : StreamOrder.values()) {
      assertThat(Orders.of(order).order()).isEqualTo(order);
    }
    assertThat(SettingList.of("stream").orElseThrow().words())
        .isEqualTo(
            "order of the stream: instance, class, distant, domain, joint or given (one chunk per SET)");
    assertThat(SettingList.of("chunks").orElseThrow().words())
        .isEqualTo(
            "chunks of the stream; domain has one per domain, joint has 1, given has one per SET");
    assertThat(SettingList.words("stream"))
        .containsExactlyElementsOf(
            Arrays.stream(StreamOrder.values()).map(StreamOrder::word).toList());
  }

  @Test
  void studiesCompareAllThatDivideAndKnowThoseByClass() {
    assertThat(Orders.dividing())
        .containsExactly("instance", "class", "distant", "domain", "given");
    assertThat(Orders.byClass()).containsExactly("class", "distant");
    assertThat(StreamOrder.DISTANT.byClass()).isTrue();
    assertThat(StreamOrder.DOMAIN.byClass()).isFalse();
  }

  @Test
  void aNumberOfChunksThatAnOrderDoesNotHaveIsRefusedWithWhatDecidesIt() {
    Settings two = Settings.defaults("a", "b").with("stream", "given");
    Orders.requireChunks(two);
    Orders.requireChunks(two.with("chunks", 2));
    assertThatThrownBy(() -> Orders.requireChunks(two.with("chunks", 3)))
        .hasMessage(
            "--chunks 3 is not the 2 that --stream given has here: each set of --data is a chunk; leave --chunks out or give 2, or take --stream instance");
    assertThatThrownBy(() -> Orders.requireChunks(Settings.defaults("a").with("chunks", 2)))
        .hasMessageContaining("joint has here: a joint stream is the whole set at once")
        .hasMessageContaining("leave --chunks out, or take");
    Orders.requireChunks(Settings.defaults("a").stream(s -> s.order(StreamOrder.DOMAIN).chunks(7)));
  }
}
