package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.Natives;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Losses and gradients against published code; {@code golden/objectives.py} made the file. Every
 * case of the file that {@code MILLRACE_GOLDENS} names is tried where that is set.
 */
class GoldenObjectivesTest {
  private static final double LOSS = 1e-5;
  private static final double GRADIENT = 1e-4;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  static Stream<Arguments> cases() throws IOException {
    String given = System.getenv("MILLRACE_GOLDENS");
    try (InputStream in =
        given == null || given.isEmpty()
            ? GoldenObjectivesTest.class.getResourceAsStream("/golden/objective/objectives.json")
            : Files.newInputStream(Path.of(given))) {
      JsonNode cases = new ObjectMapper().readTree(in).get("cases");
      return StreamSupport.stream(cases.spliterator(), false)
          .map(one -> Arguments.of(one.get("name").asText(), one));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void lossAndGradientAreThoseOfThePublishedCode(String name, JsonNode golden) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase at = new GoldenCase(golden);
      Tensor loss = GoldenLosses.of(name, at);
      assumeTrue(loss != null, () -> name + " is of no loss that is known here");
      double expected = golden.get("loss").doubleValue();
      assertThat(loss.item_double())
          .isCloseTo(expected, within(LOSS * Math.max(1e-3, Math.abs(expected))));
      loss.backward();
      golden
          .get("gradients")
          .fields()
          .forEachRemaining(
              gradient -> {
                Tensor wanted = at.tensor(gradient.getValue());
                Tensor grad = at.get(gradient.getKey()).grad();
                assertThat(grad.defined()).as("gradient of " + gradient.getKey()).isTrue();
                double largest = Math.max(1e-6, wanted.abs().max().item_double());
                assertThat(grad.sub(wanted).abs().max().item_double() / largest)
                    .as("gradient of " + gradient.getKey())
                    .isLessThan(GRADIENT);
              });
    }
  }
}
