package dev.millrace.exchange.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.millrace.recipe.Methods;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CardTest {
  private static final Card.Model ONNX =
      new Card.Model("encoder.onnx", "onnx", false, 1.5e-6, 17, "cifar10");
  private static final Card.Model HALF =
      new Card.Model("encoder-fp16.onnx", "onnx", true, 2e-3, 17, "cifar10");
  private static final Card.Model SCRIPT =
      new Card.Model("encoder.pt", "torchscript", false, 1e-6, 17, "a --> b");
  private static final Card.Model WEIGHTS =
      new Card.Model("model.safetensors", "safetensors", false, 0, 17, "cifar10");

  @TempDir private Path folder;

  private static Card card(
      int width, ResNetShape.Stem stem, String license, List<ProbeRows.Row> rows) {
    return new Card(
        new ResNetShape("resnet18", width, stem),
        32,
        Map.of(
            "settings", "{\"method\":\"moco-v2\",\"stream\":\"class\",\"lr\":0.03}",
            "data", "abcdef",
            "mean", "[0.485, 0.456, 0.406]",
            "std", "[0.229, 0.224, 0.225]",
            "init", "a note of a | newer version"),
        "0123",
        List.of("cifar10", "generated:images=4"),
        1,
        5,
        license,
        rows);
  }

  private static Card card() {
    return card(16, ResNetShape.Stem.SMALL, null, List.of());
  }

  private static JsonNode head(String text) throws IOException {
    assertThat(text).startsWith("---\n");
    return new ObjectMapper(new YAMLFactory()).readTree(text.substring(4, text.indexOf("\n---\n")));
  }

  @Test
  void theHeadIsWhatModelHubsRead() throws IOException {
    List<ProbeRows.Row> rows =
        List.of(
            new ProbeRows.Row("knn", "cifar10", "test", null, "top1", 41.25, null),
            new ProbeRows.Row("few-shot", "omniglot", "all", 5, "top1", 90.5, 0.4));
    JsonNode head =
        head(card(16, ResNetShape.Stem.SMALL, "apache-2.0", rows).text(List.of(ONNX, SCRIPT)));
    assertThat(head.path("license").asText()).isEqualTo("apache-2.0");
    assertThat(head.path("library_name").asText()).isEqualTo("millrace");
    assertThat(head.path("pipeline_tag").asText()).isEqualTo("image-feature-extraction");
    assertThat(head.path("tags"))
        .extracting(JsonNode::asText)
        .contains("onnx", "torchscript", "resnet18", "moco-v2", "self-supervised-learning");
    assertThat(head.path("datasets")).extracting(JsonNode::asText).containsExactly("cifar10");
    JsonNode first = head.path("model-index").path(0).path("results").path(0);
    assertThat(first.path("task").path("type").asText()).isEqualTo("image-classification");
    assertThat(first.path("dataset").path("type").asText()).isEqualTo("cifar10");
    assertThat(first.path("metrics").path(0).path("type").asText()).isEqualTo("accuracy");
    assertThat(first.path("metrics").path(0).path("value").asDouble()).isEqualTo(41.25);
    JsonNode unstated = head(card().text(List.of(ONNX)));
    assertThat(unstated.path("license").asText()).isEqualTo("other");
    assertThat(unstated.path("license_name").asText()).isEqualTo("not-stated");
    assertThat(unstated.has("model-index")).isFalse();
  }

  @Test
  void aCardSaysOfEveryMethodWhetherItLearnsFromLabels() throws IOException {
    for (String method : Methods.names()) {
      Card card =
          new Card(
              new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL),
              32,
              Map.of("settings", "{\"method\":\"" + method + "\"}"),
              "0123",
              List.of(),
              null,
              0,
              null,
              List.of(),
              0,
              Methods.labelled());
      boolean labels = Set.of("supcon", "supervised", "supervised-mlp").contains(method);
      assertThat(head(card.text(List.of(ONNX))).path("tags"))
          .as(method)
          .extracting(JsonNode::asText)
          .contains(method, labels ? "supervised" : "self-supervised-learning")
          .doesNotContain(labels ? "self-supervised-learning" : "no label");
    }
  }

  @Test
  void theTextTellsHowItWasMadeAndHowToUseEachFile() {
    String text = card().text(List.of(HALF, ONNX, SCRIPT, WEIGHTS));
    assertThat(text)
        .contains("it turns a picture into 128 numbers")
        .contains("up to chunk 2 of 5 of a stream of kind `class`")
        .contains("| `encoder.onnx` | onnx | float32 | 1.5e-06, on 17 pictures: cifar10 |")
        .contains("InferenceSession(\"encoder.onnx\")", "In the same way: `encoder-fp16.onnx`.")
        .contains("environment.createSession(\"encoder.onnx\")")
        .contains("torch.jit.load(\"encoder.pt\")", "torch.load(\"encoder.pt\")")
        .contains("Encoder.load(Path.of(\"model.safetensors\"))")
        .contains("each in 0 … 1, not normalised", "mean [0.485, 0.456, 0.406]")
        .contains("`golden/safetensors_resnet.py`", "3×3 `conv1` of stride 1 and no `maxpool`")
        .contains("lr: 0.03", "`abcdef`", "`0123`", "a note of a \\| newer version")
        .contains("Not stated: whoever exported the encoder")
        .doesNotContain("SIZE", "DIM", "WIDTH", "FILE\"", "PYTHON", "STEM");
  }

  @Test
  void aNetThatTorchvisionCanMakeIsLoadedByTorchvision() {
    String large = card(64, ResNetShape.Stem.IMAGENET, null, List.of()).text(List.of(WEIGHTS));
    assertThat(large)
        .contains("net = torchvision.models.resnet18()", "load_file(\"model.safetensors\")")
        .doesNotContain("net.conv1", "STEM");
    assertThat(card(64, ResNetShape.Stem.SMALL, null, List.of()).text(List.of(WEIGHTS)))
        .contains("net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)")
        .contains("net.maxpool = torch.nn.Identity()");
  }

  @Test
  void aTransformerIsLoadedByTimmAndSeesOneSizeOnly() {
    Card card =
        new Card(
            ViTShape.of("vit-tiny", 4, 32),
            32,
            Map.of("patch", "4", "mean", "[0.5, 0.5, 0.5]"),
            "0123",
            List.of(),
            null,
            0,
            null,
            List.of());
    assertThat(card.text(List.of(WEIGHTS)))
        .contains("A vision transformer without its classifier: it turns a picture into 192")
        .contains("img_size=32, patch_size=4, embed_dim=192, depth=12, num_heads=3, num_classes=0")
        .contains("mean = torch.tensor([0.5, 0.5, 0.5])")
        .contains("H and W are these")
        .contains("| width, blocks, heads | 192, 12, 3 |")
        .doesNotContain("| patch |");
  }

  @Test
  void aCardOfAnEncoderWithoutSettingsHasNone() {
    Card plain =
        new Card(
            new ResNetShape("resnet50", 64, ResNetShape.Stem.IMAGENET),
            224,
            Map.of("settings", "no JSON"),
            "0123",
            List.of(),
            null,
            0,
            null,
            List.of());
    assertThat(plain.text(List.of(ONNX)))
        .contains("trained it. Its", "settings: no JSON", "| data | not known |");
  }

  @Test
  void anAnswerStandsWithItsConditionsAndOneOnLessDoesNotReplaceIt() throws IOException {
    Path log = folder.resolve("probes.jsonl");
    String line =
        "{\"task\":\"knn\",\"data\":\"cifar10\",\"split\":\"test\",\"metric\":\"top1\",\"value\":%s,\"encoder_sha256\":\"a\"}\n";
    Files.writeString(log, line.formatted("42") + line.formatted("7"));
    ProbeRows.How usual = new ProbeRows.How("k 200", Map.of("k", 200), List.of());
    ProbeRows.How less = new ProbeRows.How("k 7", Map.of("k", 7), List.of("12 of 50 pictures"));
    List<ProbeRows.Row> rows =
        ProbeRows.of(log, "a", one -> one.path("value").asInt() == 42 ? usual : less);
    assertThat(rows).extracting(ProbeRows.Row::value).containsExactly(42.0, 7.0);
    String text = card(16, ResNetShape.Stem.SMALL, null, rows.subList(0, 1)).text(List.of(ONNX));
    assertThat(text).contains("| 42.00 | k 200 |");
    JsonNode metric =
        head(text).path("model-index").get(0).path("results").get(0).path("metrics").get(0);
    assertThat(metric.path("args").path("k").asInt()).isEqualTo(200);
  }

  @Test
  void weightsFromElsewhereAreNotSaidToBeTrainedHere() {
    Card foreign =
        new Card(
            new ResNetShape("resnet18", 64, ResNetShape.Stem.IMAGENET),
            224,
            Map.of(),
            "0123",
            List.of(),
            null,
            0,
            null,
            List.of());
    assertThat(foreign.text(List.of(ONNX)))
        .contains("How it was trained its file does not say")
        .doesNotContain("trained it.", "trained it on");
  }

  @Test
  void ofEachQuestionTheLastAnswerAboutThisEncoderCounts() throws IOException {
    String line =
        "{\"task\":\"knn\",\"data\":\"cifar10\",\"split\":\"test\",\"metric\":\"top1\",\"value\":%s,\"encoder_sha256\":\"%s\"}\n";
    Path log = folder.resolve("probes.jsonl");
    Files.writeString(
        log,
        line.formatted("40", "a") + line.formatted("42", "a") + line.formatted("9", "b") + "{\"ta");
    assertThat(ProbeRows.of(log, "a", any -> ProbeRows.How.UNKNOWN))
        .containsExactly(new ProbeRows.Row("knn", "cifar10", "test", null, "top1", 42, null));
    assertThat(ProbeRows.of(folder.resolve("none"), "a", any -> ProbeRows.How.UNKNOWN)).isEmpty();
  }

  private Path write(Card.Model model, String encoder) throws IOException {
    Path file = folder.resolve(model.file());
    CardFile card = CardFile.beside(file, encoder);
    Files.writeString(file, "model");
    card.write(card(), model);
    return card.path();
  }

  @Test
  void oneCardTellsOfAllFilesOfAnEncoder() throws IOException {
    Path first = write(SCRIPT, "a");
    assertThat(write(ONNX, "a")).isEqualTo(first).hasFileName("README.md");
    assertThat(first).content().contains("`encoder.pt`", "`encoder.onnx`", "a --\\> b");
    // The comment at the end must not end early.
    String text = Files.readString(first);
    assertThat(text.indexOf("-->", text.indexOf("<!--"))).isEqualTo(text.length() - 4);
    Files.delete(folder.resolve("encoder.pt"));
    write(ONNX, "a");
    assertThat(first).content().doesNotContain("`encoder.pt`");
  }

  @Test
  void theCardOfAnotherEncodersFilesStaysAndGoesWithTheLastOfThem() throws IOException {
    Path first = write(SCRIPT, "a");
    String text = Files.readString(first);
    assertThat(write(ONNX, "b")).hasFileName("README-encoder.onnx.md");
    assertThat(first).content().isEqualTo(text);
    assertThat(write(SCRIPT, "b")).isEqualTo(first);
  }

  @Test
  void aReadmeThatSomebodyWroteOrEditedStays() throws IOException {
    Path readme = write(ONNX, "a");
    Files.writeString(readme, Files.readString(readme).replace("## Licence", "## My own words"));
    String text = Files.readString(readme);
    Path beside = write(ONNX, "a");
    assertThat(beside).hasFileName("README-encoder.onnx.md");
    assertThat(readme).content().isEqualTo(text);
    Files.writeString(beside, "mine too");
    assertThatThrownBy(() -> write(ONNX, "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the model card has no place")
        .hasMessageContaining("move one of them");
    assertThat(beside).hasContent("mine too");
  }

  /** A file or a folder may be called anything, and its maker may have written anything into it. */
  @Test
  void wordsOfOthersAreNoMarkup() throws IOException {
    String evil = "x` |\n# Owned\n```\n<img src=x onerror=alert(1)>[a](b)";
    Card card =
        new Card(
            new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL),
            32,
            Map.of(
                "settings",
                new ObjectMapper().writeValueAsString(Map.of("method", evil, evil, evil)),
                "data",
                evil,
                evil,
                evil),
            "0123",
            List.of(evil),
            0,
            1,
            null,
            List.of(
                new ProbeRows.Row(
                    "knn",
                    evil,
                    evil,
                    null,
                    evil,
                    1,
                    null,
                    new ProbeRows.How(evil, Map.of(), List.of()))));
    String text = card.text(List.of(ONNX));
    assertThat(text.lines()).noneMatch(line -> line.startsWith("# Owned"));
    String body = text.substring(text.indexOf("\n---\n") + 5);
    // Between more ticks than it has itself, everything is what it is.
    String prose =
        body.replaceAll("(?s)\n(`{4,})\n.*?\n\\1\n", "\n")
            .replaceAll("(?<![`\\\\])(`+)(?!`).*?(?<!`)\\1(?!`)", "");
    assertThat(prose)
        .doesNotContainPattern("(?<!\\\\)<img")
        .doesNotContainPattern("(?<!\\\\)\\]\\(b\\)");
    JsonNode result = head(text).path("model-index").get(0).path("results").get(0);
    assertThat(result.path("dataset").path("type").asText()).matches("[A-Za-z0-9._/-]+");
  }

  @Test
  void whereASetLiesIsNotPublished() throws IOException {
    Path log = folder.resolve("probes.jsonl");
    Files.writeString(
        log,
        """
        {"encoder_sha256":"0123","task":"knn","data":"/home/me/photos/","split":"test","metric":"top1","value":1}
        {"encoder_sha256":"0123","task":"knn","data":"pacs/photo","split":"test","metric":"top1","value":2}
        """);
    assertThat(ProbeRows.of(log, "0123", any -> ProbeRows.How.UNKNOWN))
        .extracting(ProbeRows.Row::data)
        .containsExactly("photos", "pacs/photo");
  }
}
