package dev.millrace.refusal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class UsageExceptionTest {
  @Test
  void aRefusalSaysFlagFoundExpectedAndMend() {
    UsageException refusal = new UsageException("--width", 0, "is below 1", "give 4 or more");
    assertThat(refusal).hasMessage("--width 0 is below 1; give 4 or more");
    assertThat(refusal.flag()).isEqualTo("--width");
    assertThat(new UsageException("--width", 0, "is below 1", ""))
        .hasMessage("--width 0 is below 1");
  }

  @Test
  void aRefusalInASentenceOfItsOwnBeginsWithTheFlag() {
    assertThat(UsageException.of("--parts", "cka: one chunk")).hasMessage("--parts cka: one chunk");
    assertThat(UsageException.of("--images", ": too many")).hasMessage("--images: too many");
    UsageException word = UsageException.ofWord("photos has no pictures; give another set");
    assertThat(word).hasMessage("photos has no pictures; give another set");
    assertThat(word.flag()).isEmpty();
  }

  @Test
  void whatHoldsIsNotRefused() {
    assertThatCode(() -> Require.flag(true, "--width", "0 is below 1")).doesNotThrowAnyException();
    assertThatThrownBy(() -> Require.flag(false, "--width", "0 is below 1"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--width 0 is below 1");
    assertThatThrownBy(() -> Require.that(false, "a tolerance of -1 is below 0"))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anUnknownWordIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> Choice.check("--stream", "clas", "class", "joint"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--stream clas is unknown; allowed: class, joint; nearest: class");
  }

  @Test
  void theFirstFewAreNamedAndTheRestCounted() {
    List<String> names = List.of("a", "b", "c");
    assertThat(Some.of(names, 3)).isEqualTo("a, b, c");
    assertThat(Some.of(names, 2)).isEqualTo("a, b and 1 more");
    assertThat(Some.of(List.of(), 2)).isEmpty();
    assertThat(Some.of(names, 1, "; ")).isEqualTo("a and 2 more");
  }
}
