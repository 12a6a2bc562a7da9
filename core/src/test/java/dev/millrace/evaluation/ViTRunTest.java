package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.analysis.RunInsight;
import dev.millrace.engine.Device;
import dev.millrace.engine.PickleWriter;
import dev.millrace.engine.StateDict;
import dev.millrace.inference.Encoder;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.recipe.Encoders;
import dev.millrace.recipe.InitialShape;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.TrainingSettings;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vision transformer through everything that a run is for. */
final class ViTRunTest {
  private static final String SET = "generated:images=64;test=32;classes=4;size=16";

  @TempDir static Path runs;

  private static Path run;

  @TempDir Path folder;

  /** Five tokens a picture. */
  private static Settings tiny() {
    return Settings.defaults(SET)
        .with(Map.of("encoder", "vit-tiny", "patch", 8, "size", 16, "stream", "class"))
        .with(Map.of("chunks", 2, "epochs", 1, "batch", 16, "threads", 1, "seed", 3))
        .with(Map.of("method", "simclr", "optimiser", "adamw", "lr", 5e-4, "weight-decay", 0.05));
  }

  @BeforeAll
  static void pretrain() throws IOException {
    run = Millrace.pretrain(tiny(), runs.resolve("run")).run();
  }

  @ParameterizedTest
  @CsvSource({
    "simclr, adamw, 0",
    "moco-v2, sgd, 1",
    "byol, lars, 1",
    "supervised, adamw, 0",
    "supervised-mlp, sgd, 0"
  })
  void aRunStoppedAndResumedEndsWithTheSameBytes(String method, String optimiser, int mas)
      throws IOException {
    Settings settings =
        tiny().with(Map.of("method", method, "optimiser", optimiser, "mas", mas, "queue", 16));
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path stopped = folder.resolve("stopped");
    StopAfter stop = new StopAfter(3);
    Millrace.Outcome outcome = Millrace.pretrain(settings, stopped, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(stopped, stop.again(), stop);
    }
    assertThat(outcome.chunks()).isEqualTo(2);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  private static ProbeRequest ask(Integer size, String... tasks) {
    return ProbeRequest.of(SET)
        .withTasks(tasks)
        .with(new ProbeRequest.Pictures(0, size, null))
        .on(1, "cpu");
  }

  @Test
  void aRunIsProbedByEveryTaskThatNeedsNoStages() throws IOException {
    List<ProbeResult> results = Probing.probe(run, ask(null, "knn", "linear"));
    assertThat(results).extracting(ProbeResult::task).contains("knn", "linear");
    assertThatThrownBy(() -> Probing.probe(run, ask(null, "knn", "detection")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("detection needs an encoder with stages")
        .hasMessageContaining("vit-tiny with patches of 8 pixels");
    assertThatThrownBy(() -> Probing.probe(run, ask(24, "knn")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--size 24: vit-tiny sees pictures of 16 pixels only");
  }

  @Test
  void episodesAndFineTuningTakeAnEncoder() throws IOException {
    TaskSettings paper = TaskSettings.paper();
    TaskSettings few =
        new TaskSettings(
            List.of(new FewShot.Settings(4, 1, 2, 3, FewShot.Head.PROTOTYPE, 0)),
            new FineTuning.Settings(1, 16, 0.03, 5e-4, 0.5, 0),
            paper.detection(),
            0);
    List<ProbeResult> results =
        Probing.probe(run, ask(null, "few-shot", "finetune").with(few).withImages(32));
    assertThat(results).hasSize(2);
    for (ProbeResult result : results) {
      assertThat(result.value()).as(result.task()).isBetween(0.0, 100.0);
    }
  }

  private static List<Double> knn(Path weights) throws IOException {
    return Probing.probe(run, ask(null, "knn").ofWeights(weights)).stream()
        .map(ProbeResult::value)
        .toList();
  }

  @Test
  void weightsThatTorchSavedAreReadAsOnesOwn() throws IOException {
    Path own = run.resolve("encoder.safetensors");
    Path theirs = folder.resolve("deit.pth");
    new PickleWriter(2).stateDict(StateDict.open(own).tensors(), "module.").save(theirs);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile a = EncoderFile.read(own, new Device("cpu"));
        EncoderFile b = EncoderFile.read(theirs, 16, new Device("cpu"))) {
      assertThat(b.net().spec()).isEqualTo(a.net().spec());
      Tensor pictures = torch.ones(2, 3, 16, 16);
      assertThat(b.net().forward(pictures, false).equal(a.net().forward(pictures, false))).isTrue();
    }
    Settings found =
        InitialShape.of(
            Settings.defaults(SET).with(Map.of("init", theirs.toString(), "lr", 0.03)),
            Set.of("init", "lr"));
    assertThat(found.encoder().name()).isEqualTo("vit-tiny");
    assertThat(found.training().optimiser()).isEqualTo(TrainingSettings.Optimisation.ADAMW);
    assertThat(found.training().lr()).isEqualTo(0.03); // as somebody chose it
    assertThat(knn(theirs)).isNotEmpty().isEqualTo(knn(own));
  }

  @Test
  void anEncoderIsLoadedAndEmbeds() throws Exception {
    Path file = run.resolve("encoder.safetensors");
    try (Encoder encoder = Encoder.load(file)) {
      BufferedImage picture = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(3, 4, 0xff8800);
      float[] vector = encoder.embed(picture);
      assertThat(vector).hasSize(192);
      assertThat(encoder.size()).isEqualTo(16);
      assertThat(encoder.metadata())
          .containsEntry("architecture", "vit-tiny")
          .containsEntry("patch", "8");
      assertThat(encoder.metadata().get("settings")).doesNotContain("width", "stem");
      float[][] both = encoder.embedImages(List.of(picture, picture));
      for (int i = 0; i < vector.length; i++) {
        assertThat(both[1][i]).isCloseTo(vector[i], within(1e-4f));
      }
    }
    Encoder.Options larger =
        new Encoder.Options(
            Encoder.Options.standard().precision(), 32, Encoder.Options.standard().device(), 1);
    assertThatThrownBy(() -> Encoder.load(file, larger).close())
        .hasMessageContaining("give --size 16");
  }

  @Test
  void insightComparesItsLayersByNameAndMeasuresItsLoss() throws IOException {
    InsightRequest request =
        InsightRequest.of(1, "health", "cka", "sharpness", "landscape")
            .withImages(16)
            .with(
                InsightRequest.Loss.DEFAULT
                    .withImages(16)
                    .with(new Sharpness.Settings(1e-3, 2, 2, 0.01, 2))
                    .with(new LossLandscape.Settings(1, 3, 3, 3, 0.5))
                    .with(new AdaptiveSharpness.Settings(0.1, 2, 0.002, 2, 2, 0.01, 2), 16));
    RunInsight insight = Insights.of(run, request, new InsightListener() {});
    assertThat(insight.cka().get(0).layers())
        .startsWith("patches", "block1")
        .endsWith("block12", "features");
    assertThat(insight.cka().get(0).values()).hasSize(14).allMatch(v -> v > 0 && v <= 1.0001);
    assertThat(insight.sharpness()).hasSize(2);
    assertThat(insight.landscape().lines())
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(line.loss())
                    .singleElement()
                    .satisfies(loss -> assertThat(loss).hasSize(3).allMatch(Double::isFinite)));
  }

  @Test
  void weightsOfAFileStartARunAndSayWhichNetItIs() throws IOException {
    Path file = run.resolve("encoder.safetensors");
    Settings asked = Settings.defaults(SET).with("init", file.toString());
    Settings found = InitialShape.of(asked, Set.of("init"));
    assertThat(found.encoder().name()).isEqualTo("vit-tiny");
    assertThat(found.encoder().patch()).isEqualTo(8);
    assertThat(found.views().size()).isEqualTo(16);
    assertThat(
            Millrace.pretrain(
                    tiny()
                        .with(
                            Map.of(
                                "init",
                                file.toString(),
                                "lr",
                                1e-9,
                                "chunks",
                                1,
                                "stream",
                                "joint")),
                    folder.resolve("again"))
                .stopped())
        .isFalse();
  }

  @Test
  void whatATransformerHasNotIsRefusedByNameBeforeARunHasAFolder() {
    Path out = folder.resolve("never");
    assertThatThrownBy(() -> Encoders.requireKnown("vit-tiny", Set.of("lr", "width")))
        .hasMessage(
            "--width is a setting of resnet18 and resnet34 and resnet50, and --encoder is vit-tiny, which has --patch; leave one of them out");
    assertThatThrownBy(() -> Encoders.requireKnown("resnet18", Set.of("patch")))
        .hasMessageContaining("--patch is a setting of vit-tiny and vit-small");
    assertThatThrownBy(() -> Millrace.pretrain(tiny().with("patch", 5), out))
        .hasMessageContaining("--patch 5 does not divide pictures of 16 pixels");
    assertThatThrownBy(
            () ->
                Millrace.pretrain(
                    tiny().with(Map.of("progressive-size", List.of(8, 16), "epochs", 2)), out))
        .hasMessageContaining("--progressive-size")
        .hasMessageContaining("vit-tiny sees pictures of one only");
    assertThatThrownBy(() -> Settings.defaults(SET).with("encoder", "vit-tony"))
        .hasMessageContaining("vit-tiny");
    assertThat(Files.exists(out)).isFalse();
  }
}
