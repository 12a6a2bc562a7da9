package dev.millrace.exchange.card;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.vision.encoder.EncoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a model card says of an encoder.
 *
 * @param spec which network
 * @param size side of the pictures it was trained on, pixels
 * @param metadata what the encoder's file says of itself; nothing of it but settings need be there
 * @param sha256 checksum of the encoder's file
 * @param data names of the sets it learned from, without paths; empty where unknown
 * @param chunk the chunk it was trained to, counted from 0; null where unknown
 * @param chunks of its stream; 0 where unknown
 * @param license an identifier; null where nothing is said
 * @param probes how good it was found
 * @param leftOut answers that are not shown, since they were given on less than their task asks for
 * @param labelled the names of all methods that learn from labels, as settings have them
 */
public record Card(
    EncoderSpec spec,
    int size,
    Map<String, String> metadata,
    String sha256,
    List<String> data,
    Integer chunk,
    int chunks,
    String license,
    List<ProbeRows.Row> probes,
    int leftOut,
    Set<String> labelled) {
  /** A card that leaves no answer out, of a method that learns from no labels. */
  public Card(
      EncoderSpec spec,
      int size,
      Map<String, String> metadata,
      String sha256,
      List<String> data,
      Integer chunk,
      int chunks,
      String license,
      List<ProbeRows.Row> probes) {
    this(spec, size, metadata, sha256, data, chunk, chunks, license, probes, 0, Set.of());
  }

  /** Makes the collections immutable. */
  public Card {
    metadata = Map.copyOf(metadata);
    data = List.copyOf(data);
    probes = List.copyOf(probes);
    labelled = Set.copyOf(labelled);
  }

  /**
   * A file that the encoder was written to.
   *
   * @param file its name, without a folder
   * @param format {@code onnx}, {@code torchscript} or {@code safetensors}
   * @param half whether it computes in float16
   * @param difference the farthest that a feature is from libtorch's
   * @param pictures how many were compared on
   * @param compared where these are from, in words
   */
  public record Model(
      String file, String format, boolean half, double difference, int pictures, String compared) {}

  /**
   * The card: a YAML head, then Markdown.
   *
   * @param models the encoder's files beside the card, at least one
   */
  public String text(List<Model> models) {
    Map<String, String> settings = settings();
    String name = "%s, %s".formatted(spec.words(), settings.getOrDefault("method", "pre-trained"));
    List<String> parts = new ArrayList<>();
    parts.add(Head.text(this, settings, models, name));
    parts.add("# Image encoder: " + Markdown.text(name) + "\n");
    parts.add(opening(settings));
    parts.add("## Files\n");
    parts.add(files(models));
    parts.add("## Input and output\n");
    parts.add(Usage.input(this, models));
    parts.add("## How to load it\n");
    for (String format : List.of("onnx", "torchscript", "safetensors")) {
      List<Model> same = models.stream().filter(model -> model.format().equals(format)).toList();
      if (!same.isEmpty()) {
        parts.add(Usage.of(this, format, same));
      }
    }
    parts.add("## How it was made\n");
    parts.add(making(settings));
    parts.add("## How good it is\n");
    parts.add(judged());
    parts.add("## Licence\n");
    parts.add(licence());
    return String.join("\n", parts);
  }

  private String opening(Map<String, String> settings) {
    String learned = data.isEmpty() ? "" : " on " + names();
    String stream =
        settings.containsKey("stream") && chunks > 0
            ? ", up to chunk %s of %s of a stream of kind %s"
                .formatted(chunk + 1, chunks, Markdown.code(settings.get("stream")))
            : "";
    String origin =
        !metadata.containsKey("settings")
            ? "How it was trained its file does not say"
            : "Millrace, a system that pre-trains image encoders on streams of pictures, trained it"
                + learned
                + stream;
    return """
        A %s without its classifier: it turns a picture into %s numbers. %s. Its \
        features are for nearest neighbours, linear classifiers and fine-tuning; it names no \
        classes itself.
        """
        .formatted(spec.kind(), spec.dim(), origin);
  }

  private static String files(List<Model> models) {
    StringBuilder table =
        new StringBuilder(
            "| file | format | arithmetic | largest difference to libtorch, float32 |\n|---|---|---|---|\n");
    for (Model model : models) {
      table.append(
          "| %s | %s | %s | %s, on %s pictures: %s |\n"
              .formatted(
                  Markdown.code(model.file()),
                  model.format(),
                  model.half() ? "float16" : "float32",
                  String.format(Locale.ROOT, "%.2g", model.difference()),
                  model.pictures(),
                  Markdown.text(model.compared())));
    }
    return table.toString();
  }

  private String making(Map<String, String> settings) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("data", data.isEmpty() ? "not known" : names());
    if (metadata.containsKey("data")) {
      rows.put("checksum of the data's names and classes", Markdown.code(metadata.get("data")));
    }
    rows.put("SHA-256 of the encoder's file", "`" + sha256 + "`");
    rows.put("network", spec.words());
    rows.putAll(spec.facts());
    Map<String, String> others = new TreeMap<>(metadata);
    others
        .keySet()
        .removeAll(List.of("format", "data", "settings", "architecture", "size", "mean", "std"));
    others.keySet().removeAll(spec.claims().keySet());
    others.forEach((key, value) -> rows.put(Markdown.text(key), Markdown.text(value)));
    StringBuilder table = new StringBuilder("| | |\n|---|---|\n");
    rows.forEach((key, value) -> table.append("| " + key + " | " + value + " |\n"));
    if (!settings.isEmpty()) {
      table.append("\nSettings, by their flags' names:\n\n");
      table.append(
          Markdown.block(
              settings.entrySet().stream().map(one -> one.getKey() + ": " + one.getValue())
                  ::iterator));
    }
    return table.toString();
  }

  private String judged() {
    if (probes.isEmpty() && leftOut > 0) {
      return hidden();
    }
    if (probes.isEmpty()) {
      return "It has not been probed; `millrace probe RUN`, then export it again.\n";
    }
    StringBuilder table =
        new StringBuilder(
            "On frozen features, unless the task says otherwise; percent. ± is half of the 95 % interval over the judged pictures, of few-shot over its episodes; over seeds of pre-training it says nothing.\n\n"
                + "| task | set | part | metric | value | how |\n|---|---|---|---|---|---|\n");
    for (ProbeRows.Row row : probes) {
      table.append(
          "| %s | %s | %s | %s | %s | %s |\n"
              .formatted(
                  Markdown.text(row.shown()),
                  Markdown.text(row.data()),
                  Markdown.text(row.split()),
                  Markdown.text(row.metric()),
                  row.number(),
                  Markdown.text(row.how().words())));
    }
    return table + (leftOut == 0 ? "" : "\n" + hidden());
  }

  private String hidden() {
    return "Not shown: %d %s on part of the training pictures, or by fewer epochs, episodes or pixels than usual.\n"
        .formatted(leftOut, leftOut == 1 ? "answer" : "answers");
  }

  private String licence() {
    return (license == null
            ? "Not stated: whoever exported the encoder has not said under which terms it may be used."
            : Markdown.code(license) + ", as stated by whoever exported it.")
        + " The pictures it learned from have terms of their own, which may bear on it.\n";
  }

  /** The settings that made it, by the names of their flags; empty where the file has none. */
  private Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    try {
      JsonNode node = JSON.readTree(metadata.getOrDefault("settings", "{}"));
      node.fields()
          .forEachRemaining(
              field ->
                  settings.put(
                      field.getKey(),
                      field.getValue().isValueNode()
                          ? field.getValue().asText()
                          : field.getValue().toString()));
    } catch (JsonProcessingException e) {
      // A file of another maker's may call anything its settings: it is shown as it stands.
      settings.put("settings", metadata.get("settings"));
    }
    return settings;
  }

  private String names() {
    return data.stream().map(Markdown::text).collect(Collectors.joining(", "));
  }
}
