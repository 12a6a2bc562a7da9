package dev.millrace.learn.objective;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A case of the golden file: inputs as tensors, those with a gradient asking for one. In float64,
 * or float32 where the case's {@code precision} says so. Its tensors belong to the caller's scope.
 * It knows what of it was asked for: what was not has changed no loss.
 */
final class GoldenCase {
  /** Settings that say something to readers: shapes show them, or no number depends on them. */
  private static final Set<String> WORDS =
      Set.of(
          "note",
          "about",
          "comment",
          "name",
          "paper",
          "source",
          "version",
          "commit",
          "device",
          "precision",
          "dtype",
          "seed",
          "batch",
          "batch_size",
          "dim",
          "features",
          "simplified");

  private final JsonNode golden;
  private final ScalarType type;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Set<String> unused = new TreeSet<>();

  GoldenCase(JsonNode golden) {
    this.golden = golden;
    type = isSingle(golden) ? ScalarType.Float : ScalarType.Double;
    golden
        .path("inputs")
        .fields()
        .forEachRemaining(input -> inputs.put(input.getKey(), tensor(input.getValue())));
    golden.path("gradients").fieldNames().forEachRemaining(of -> get(of).set_requires_grad(true));
    unused.addAll(inputs.keySet());
    golden.path("settings").fieldNames().forEachRemaining(unused::add);
    unused.removeAll(WORDS);
    if (golden.path("settings").path("reduction").asText().equals("mean")) {
      unused.remove("reduction"); // what all losses here are
    }
  }

  /** Whether a case is of float32, by itself or by its settings. */
  static boolean isSingle(JsonNode golden) {
    JsonNode settings = golden.path("settings");
    return Stream.of(golden.path("precision"), settings.path("precision"), settings.path("dtype"))
        .anyMatch(one -> one.asText().contains("32"));
  }

  /** Passes over inputs and settings, where the loss of a case does not depend on them. */
  void passOver(String... names) {
    unused.removeAll(Set.of(names));
  }

  /** Inputs and settings that nobody asked for yet. */
  Set<String> unused() {
    return unused;
  }

  /** An input, by the first of these names that it has. */
  Tensor get(String... names) {
    for (String name : names) {
      if (has(name)) {
        unused.remove(name);
        return inputs.get(name);
      }
    }
    throw new IllegalArgumentException(
        "no input %s, only %s".formatted(Arrays.toString(names), inputs.keySet()));
  }

  boolean has(String name) {
    return inputs.containsKey(name);
  }

  /** Whether there is a setting by one of these names. */
  boolean says(String... names) {
    return Arrays.stream(names).anyMatch(golden.path("settings")::has);
  }

  /** A setting that is a number, by the first of these names that it has. */
  double number(String... names) {
    for (String name : names) {
      if (says(name)) {
        return setting(name).doubleValue();
      }
    }
    return setting(names[0]).doubleValue();
  }

  /** The same, or what it is where nothing is said. */
  double number(double otherwise, String... names) {
    return says(names) ? number(names) : otherwise;
  }

  boolean flag(String... names) {
    for (String name : names) {
      if (says(name)) {
        return setting(name).asBoolean();
      }
    }
    return setting(names[0]).asBoolean();
  }

  /** A matrix of the settings, or of the inputs. */
  Tensor matrix(String name) {
    return has(name) ? get(name) : tensor(setting(name));
  }

  /** Inputs {@code name1}, {@code name2} and on; {@code name} alone where there are none. */
  List<Tensor> numbered(String name) {
    List<Tensor> found = new ArrayList<>();
    for (int i = 1; has(name + i); i++) {
      found.add(get(name + i));
    }
    return found.isEmpty() ? List.of(get(name)) : found;
  }

  /** Those of the first of these names that there is. */
  List<Tensor> numberedOf(String... names) {
    for (String name : names) {
      if (has(name) || has(name + 1)) {
        return numbered(name);
      }
    }
    return numbered(names[0]);
  }

  /** Those, one after the other. */
  static Tensor joined(List<Tensor> rows) {
    return torch.cat(new TensorVector(rows.toArray(Tensor[]::new)));
  }

  /** Whole numbers, such as labels. */
  Tensor whole(String name) {
    return get(name).to(ScalarType.Long);
  }

  /** Zeros of this case's kind. */
  Tensor zeros(long... shape) {
    return torch.zeros(shape).to(type);
  }

  private JsonNode setting(String name) {
    JsonNode found = golden.path("settings").get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "no setting %s, only %s".formatted(name, golden.path("settings")));
    }
    unused.remove(name);
    return found;
  }

  /** Numbers of any depth. */
  Tensor tensor(JsonNode values) {
    List<Long> shape = new ArrayList<>();
    for (JsonNode at = values; at.isArray(); at = at.get(0)) {
      shape.add((long) at.size());
    }
    List<Double> flat = new ArrayList<>();
    flatten(values, flat);
    double[] numbers = flat.stream().mapToDouble(Double::doubleValue).toArray();
    return Tensor.create(numbers)
        .reshape(shape.stream().mapToLong(Long::longValue).toArray())
        .to(type)
        .clone();
  }

  private static void flatten(JsonNode values, List<Double> into) {
    if (values.isArray()) {
      values.forEach(value -> flatten(value, into));
    } else {
      into.add(values.isBoolean() ? (values.asBoolean() ? 1.0 : 0.0) : values.doubleValue());
    }
  }
}
