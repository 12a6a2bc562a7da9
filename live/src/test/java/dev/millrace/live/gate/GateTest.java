package dev.millrace.live.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
  private static final Device CPU = new Device("cpu");

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Compute.begin(1, CPU);
  }

  /** A drawn encoder, or one whose weights are the same number: it sees no difference. */
  private Path encoder(String name, boolean blind) throws IOException {
    Path file = folder.resolve(name);
    try (EncoderFile made =
            EncoderFile.untrained(
                new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL), 16, Map.of(), CPU);
        PointerScope scope = new PointerScope()) {
      made.net().initialise(Draw.of(1, "encoder"));
      if (blind) {
        Map<String, Tensor> state = made.net().state();
        state.forEach(
            (key, tensor) -> {
              if (key.endsWith("weight") && tensor.dim() == 4) {
                tensor.detach().mul_(new Scalar(0.0));
              }
            });
      }
      EncoderFile.write(file, made.net(), 16, Normalisation.imagenet(), Map.of());
    }
    return file;
  }

  private static DataSet generated(int images) throws IOException {
    return Catalogue.standard()
        .open("generated:classes=8;images=" + images + ";size=32;test=" + images);
  }

  @Test
  void withoutLabelsAnEqualEncoderPassesAndABlindOneFailsWithReasons() throws IOException {
    SelfJudge judge = new SelfJudge(generated(80).train(), 64, 0.05, 0.95, 1);
    KeptEncoders encoders =
        KeptEncoders.of(LiveFolder.of(folder.resolve("live")), Clock.systemUTC());
    Gate gate = new Gate(encoders, judge);

    Decision first = gate.admit(encoder("good", false), folder, 1);
    Decision equal = gate.admit(encoder("good", false), folder, 2);
    Decision blind = gate.admit(encoder("blind", true), folder, 3);

    assertThat(first.action()).isEqualTo(Decision.SERVE);
    assertThat(equal.verdict()).isEqualTo(Decision.PASS);
    assertThat(blind.verdict()).isEqualTo(Decision.FAIL);
    assertThat(blind.reasons().get(0)).contains("collapsed to a point");
    assertThat(blind.numbers()).containsKeys("retrieval_candidate", "retrieval_champion");
    assertThat(encoders.serving().version()).isEqualTo(2);
    assertThat(encoders.decisions().all()).hasSize(3);
    assertThat(gate.admit(folder.resolve("blind"), folder, 3)).isEqualTo(blind);
    assertThat(encoders.decisions().all()).hasSize(3);
  }

  @Test
  void withLabelsTheLossIsMeasuredPictureByPicture() throws IOException {
    LabelledJudge judge = new LabelledJudge(generated(240), 0, 0.05, 0.95, 1);
    Path good = encoder("good", false);

    Judgement equal = judge.of(good, good);
    Judgement blind = judge.of(good, encoder("blind", true));

    assertThat(equal.passed()).isTrue();
    assertThat(equal.numbers()).containsEntry("knn_difference", 0.0);
    assertThat(blind.passed()).isFalse();
    assertThat(blind.reasons().get(0)).contains("beyond the margin of 5.0");
  }

  @Test
  void aSetTooSmallForTheMarginIsRefused() {
    assertThatThrownBy(() -> new LabelledJudge(generated(20), 0, 0.001, 0.95, 1))
        .hasMessageContaining("takes 2703 or more: give a larger set or a larger margin");
  }
}
