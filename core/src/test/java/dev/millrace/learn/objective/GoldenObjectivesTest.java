package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.engine.Natives;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Losses and gradients against published code ({@code golden/objectives.py}) and against their
 * equations written out in another language ({@code golden/equations.py}). Every case of the file
 * that {@code MILLRACE_GOLDENS} names, from here or from the repository's root, is tried in their
 * place where that is set, in the precision that it states; one that nothing here computes fails by
 * its name. Our own are tried in float32, too.
 */
class GoldenObjectivesTest {
  private static final double LOSS = 1e-5;
  private static final double GRADIENT = 1e-4;

  /** Ends the name of a case that is tried in float32, though its answer is of float64. */
  private static final String SINGLE = ", float32";

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  static Stream<Arguments> cases() throws IOException {
    String given = System.getenv("MILLRACE_GOLDENS");
    List<Arguments> cases = new ArrayList<>();
    if (given == null || given.isEmpty()) {
      for (String own : new String[] {"objectives", "equations"}) {
        try (InputStream in =
            GoldenObjectivesTest.class.getResourceAsStream("/golden/objective/" + own + ".json")) {
          add(in, cases, true);
        }
      }
    } else {
      try (InputStream in = Files.newInputStream(file(given))) {
        // Only in the precision that it states: what float32 makes of it, nobody has computed.
        add(in, cases, false);
      }
    }
    return cases.stream();
  }

  private static Path file(String given) {
    return Files.exists(Path.of(given)) ? Path.of(given) : Path.of("..").resolve(given);
  }

  private static void add(InputStream in, List<Arguments> cases, boolean inBoth)
      throws IOException {
    JsonNode all =
        JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // as Python writes them
            .build()
            .readTree(in);
    for (JsonNode one : all.isArray() ? all : all.get("cases")) {
      String name = one.get("name").asText();
      cases.add(Arguments.of(name, one));
      if (inBoth && !GoldenCase.isSingle(one)) {
        ObjectNode single = one.deepCopy();
        cases.add(Arguments.of(name + SINGLE, single.put("precision", "float32")));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void lossAndGradientAreThoseOfThePublishedCode(String name, JsonNode golden) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase at = new GoldenCase(golden);
      Tensor loss = GoldenLosses.of(name, at);
      double expected = golden.get("loss").doubleValue();
      // Float32 itself errs by its logits, however small the loss that is left of them.
      boolean single = GoldenCase.isSingle(golden);
      assertThat(loss.item_double())
          .isCloseTo(expected, within(LOSS * Math.max(single ? 1 : 1e-3, Math.abs(expected))));
      if (golden.path("gradients").isEmpty()) {
        return;
      }
      loss.backward();
      golden
          .get("gradients")
          .fields()
          .forEachRemaining(
              gradient -> {
                Tensor wanted = at.tensor(gradient.getValue());
                Tensor grad = at.get(gradient.getKey()).grad();
                assertThat(grad.defined()).as("gradient of " + gradient.getKey()).isTrue();
                double largest = Math.max(single ? 0.1 : 1e-6, wanted.abs().max().item_double());
                assertThat(grad.sub(wanted).abs().max().item_double() / largest)
                    .as("gradient of " + gradient.getKey())
                    .isLessThan(single ? 10 * GRADIENT : GRADIENT);
              });
    }
  }

  @Test
  void aCaseThatNothingHereComputesFailsByWhatItIsCalled() throws IOException {
    JsonNode other =
        new ObjectMapper()
            .readTree("{'inputs':{},'gradients':{},'settings':{}}".replace('\'', '"'));
    assertThatThrownBy(() -> GoldenLosses.of("simclrish t=1", new GoldenCase(other)))
        .hasMessageContaining("simclrish t=1 is of no loss");
    JsonNode more =
        new ObjectMapper()
            .readTree(
                "{'inputs':{'p':[[1,2]],'z':[[3,1]],'w':[[1]]},'gradients':{},'settings':{'margin':0.2,'note':'x'}}"
                    .replace('\'', '"'));
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(() -> GoldenLosses.of("BYOL, wider", new GoldenCase(more)))
          .hasMessageContaining("taken for byol")
          .hasMessageContaining("[margin, w]");
    }
  }

  @Test
  void whatNoNumberDependsOnIsPassedOverAndWhatOneMayDependOnIsNamed() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      String words = "'batch':1,'dim':2,'seed':7,'note':'x','dtype':'float32','reduction':'%s'";
      String inputs = "{'inputs':{'p':[[1,2]],'z':[[3,1]]},'settings':{%s}}";
      JsonNode mean =
          new ObjectMapper().readTree(inputs.formatted(words.formatted("mean")).replace('\'', '"'));
      assertThat(GoldenLosses.of("byol", new GoldenCase(mean)).item_double())
          .isCloseTo(2 - 2 * 5 / Math.sqrt(50), within(1e-6));
      JsonNode sum =
          new ObjectMapper().readTree(inputs.formatted(words.formatted("sum")).replace('\'', '"'));
      assertThatThrownBy(() -> GoldenLosses.of("byol", new GoldenCase(sum)))
          .hasMessageContaining("[reduction]");
    }
  }

  @Test
  void aFileIsFoundFromTheRootOfTheRepositoryToo() {
    assertThat(file("golden/equations.py")).exists();
    assertThat(file("src/test/resources/golden/objective/equations.json")).exists();
  }
}
