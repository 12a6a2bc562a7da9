package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.Natives;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and gradients against published code; {@code golden/objectives.py} made the file. */
class GoldenObjectivesTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  static Stream<Arguments> cases() throws IOException {
    try (InputStream in =
        GoldenObjectivesTest.class.getResourceAsStream("/golden/objective/objectives.json")) {
      JsonNode cases = new ObjectMapper().readTree(in).get("cases");
      return StreamSupport.stream(cases.spliterator(), false)
          .map(one -> Arguments.of(one.get("name").asText(), one));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void lossAndGradientAreThoseOfThePublishedCode(String name, JsonNode golden) {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> at = new HashMap<>();
      golden
          .get("inputs")
          .fields()
          .forEachRemaining(input -> at.put(input.getKey(), matrix(input.getValue())));
      golden
          .get("gradients")
          .fieldNames()
          .forEachRemaining(of -> at.get(of).set_requires_grad(true));
      double temperature = golden.get("settings").path("temperature").asDouble();
      Tensor loss =
          switch (name.split(" ")[0]) {
            case "simclr" -> NtXent.loss(at.get("z1"), at.get("z2"), temperature);
            case "byol" -> NegativeCosine.loss(at.get("p"), at.get("z"));
            default ->
                Distillation.loss(
                    both(at, "p1", "p2"), both(at, "frozen1", "frozen2"), temperature);
          };
      assertThat(loss.item_double()).isCloseTo(golden.get("loss").doubleValue(), within(1e-5));
      loss.backward();
      golden
          .get("gradients")
          .fields()
          .forEachRemaining(
              gradient ->
                  assertThat(
                          at.get(gradient.getKey())
                              .grad()
                              .sub(matrix(gradient.getValue()))
                              .abs()
                              .max()
                              .item_double())
                      .as(gradient.getKey())
                      .isLessThan(1e-5));
    }
  }

  private static Tensor both(Map<String, Tensor> at, String one, String two) {
    return torch.cat(new TensorVector(at.get(one), at.get(two)));
  }

  private static Tensor matrix(JsonNode rows) {
    int d = rows.get(0).size();
    float[] values = new float[rows.size() * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rows.get(i / d).get(i % d).doubleValue();
    }
    return Tensor.create(values).reshape(rows.size(), d);
  }
}
