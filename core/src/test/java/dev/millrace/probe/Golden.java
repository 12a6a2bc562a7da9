package dev.millrace.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** What {@code golden/probe.py} wrote. */
record Golden(JsonNode root, FeatureMatrix train, FeatureMatrix test) {
  static Golden read() throws IOException {
    try (var in = Golden.class.getResourceAsStream("/golden/probe/probe.json")) {
      JsonNode root = new ObjectMapper().readTree(in);
      return new Golden(root, matrix(root, "train", "labels"), matrix(root, "test", "truth"));
    }
  }

  static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  private static FeatureMatrix matrix(JsonNode root, String features, String labels) {
    JsonNode list = root.get(features);
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    int[] classes = ints(root.get(labels));
    return new FeatureMatrix(values, classes.length, root.get("d").asInt(), classes);
  }
}
