package dev.millrace.learn.objective;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A case of the golden file: inputs as tensors, those with a gradient asking for one. In float64,
 * or float32 where the case's {@code precision} says so. Its tensors belong to the caller's scope.
 */
final class GoldenCase {
  private final JsonNode golden;
  private final ScalarType type;
  private final Map<String, Tensor> inputs = new HashMap<>();

  GoldenCase(JsonNode golden) {
    this.golden = golden;
    type = golden.path("precision").asText().contains("32") ? ScalarType.Float : ScalarType.Double;
    golden
        .get("inputs")
        .fields()
        .forEachRemaining(input -> inputs.put(input.getKey(), tensor(input.getValue())));
    golden.get("gradients").fieldNames().forEachRemaining(of -> get(of).set_requires_grad(true));
  }

  /** An input. */
  Tensor get(String name) {
    Tensor found = inputs.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no input %s, only %s".formatted(name, inputs.keySet()));
    }
    return found;
  }

  boolean has(String name) {
    return inputs.containsKey(name);
  }

  /** A setting that is a number. */
  double number(String name) {
    return setting(name).doubleValue();
  }

  /** The same, or what it is where nothing is said. */
  double number(String name, double otherwise) {
    return golden.path("settings").has(name) ? number(name) : otherwise;
  }

  boolean flag(String name) {
    return setting(name).asBoolean();
  }

  /** A matrix of the settings, or of the inputs. */
  Tensor matrix(String name) {
    return has(name) ? get(name) : tensor(setting(name));
  }

  /** Inputs {@code name1}, {@code name2} and on. */
  List<Tensor> numbered(String name) {
    List<Tensor> found = new ArrayList<>();
    for (int i = 1; has(name + i); i++) {
      found.add(get(name + i));
    }
    return found;
  }

  /** Those, one after the other. */
  Tensor joined(String name) {
    return torch.cat(new TensorVector(numbered(name).toArray(Tensor[]::new)));
  }

  /** Whole numbers, such as labels. */
  Tensor whole(String name) {
    return get(name).to(ScalarType.Long);
  }

  /** As many zeros as a square of an input's columns. */
  Tensor zeros(String columnsOf) {
    long d = get(columnsOf).size(1);
    return torch.zeros(d, d).to(type);
  }

  private JsonNode setting(String name) {
    JsonNode found = golden.path("settings").get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "no setting %s, only %s".formatted(name, golden.path("settings")));
    }
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
      into.add(values.doubleValue());
    }
  }
}
