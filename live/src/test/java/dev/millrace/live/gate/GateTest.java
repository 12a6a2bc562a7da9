package dev.millrace.live.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.live.Live;
import dev.millrace.live.LiveBuilder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
    return encoder(name, blind, 1);
  }

  private Path encoder(String name, boolean blind, int seed) throws IOException {
    Path file = folder.resolve(name);
    try (EncoderFile made =
            EncoderFile.untrained(
                new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL), 16, Map.of(), CPU);
        PointerScope scope = new PointerScope()) {
      made.net().initialise(Draw.of(seed, "encoder"));
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
    Decision equal = gate.admit(encoder("good", false), folder, 2); // an untrained one finds few
    Decision blind = gate.admit(encoder("blind", true), folder, 3);

    assertThat(first.action()).isEqualTo(Decision.SERVE);
    assertThat(equal.verdict()).isEqualTo("undecided");
    assertThat(equal.reasons().get(0)).contains("within the margin");
    assertThat(blind.verdict()).isEqualTo("fail");
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

    assertThat(equal.verdict()).isEqualTo(Verdict.PASS);
    assertThat(equal.numbers()).containsEntry("knn_difference", 0.0);
    assertThat(blind.verdict()).isEqualTo(Verdict.UNDECIDED); // an untrained champion knows little
    assertThat(blind.reasons().get(0)).contains("too few pictures to tell by the margin of 5.0");
  }

  /** A judge that passes everything, after a person has done something in the meantime. */
  private static Judge meanwhile(AtomicInteger judged, KeptEncoders encoders, Person person) {
    return (champion, candidate) -> {
      if (judged.getAndIncrement() == 0) {
        person.does(encoders);
      }
      return new Judgement(
          Verdict.PASS, List.of("against " + champion.getParent().getFileName()), Map.of());
    };
  }

  /** What a person does. */
  private interface Person {
    void does(KeptEncoders encoders) throws IOException;
  }

  private KeptEncoders two() throws IOException {
    KeptEncoders encoders =
        KeptEncoders.of(LiveFolder.of(folder.resolve("live")), Clock.systemUTC());
    for (int chunk = 1; chunk <= 2; chunk++) {
      Path file = Files.writeString(folder.resolve("made"), "weights of " + chunk);
      encoders.promotions().promote(encoders.keep(file, folder, chunk).version(), "");
    }
    return encoders;
  }

  @Test
  void aCandidateIsJudgedAgainWhereAPersonServesAnotherMeanwhile() throws IOException {
    KeptEncoders encoders = two();
    AtomicInteger judged = new AtomicInteger();
    Path file = Files.writeString(folder.resolve("made"), "weights of 3");

    Decision decision =
        new Gate(encoders, meanwhile(judged, encoders, all -> all.promotions().rollback("blurred")))
            .admit(file, folder, 3);

    assertThat(judged).hasValue(2);
    assertThat(decision.champion()).isEqualTo(1);
    assertThat(decision.reasons()).containsExactly("against 1");
    assertThat(encoders.serving().before()).containsExactly(1);
  }

  @Test
  void aPersonsHoldDuringJudgingKeepsTheChampion() throws IOException {
    KeptEncoders encoders = two();
    Path file = Files.writeString(folder.resolve("made"), "weights of 3");

    Decision decision =
        new Gate(
                encoders,
                meanwhile(new AtomicInteger(), encoders, all -> all.promotions().hold(true, "")))
            .admit(file, folder, 3);

    assertThat(decision.action()).isEqualTo(Decision.HOLD);
    assertThat(decision.reasons()).contains("version 2 is held by a person");
    assertThat(encoders.serving().version()).isEqualTo(2);
  }

  @Test
  void aCandidateThatAPersonPromotesWhileItIsJudgedStaysServed() throws IOException {
    KeptEncoders encoders = two();
    AtomicInteger judged = new AtomicInteger();
    Path file = Files.writeString(folder.resolve("made"), "weights of 3");

    Decision decision =
        new Gate(
                encoders,
                meanwhile(judged, encoders, all -> all.promotions().promote(3, "sharper")))
            .admit(file, folder, 3);

    assertThat(judged).hasValue(1);
    assertThat(decision.verdict()).isEqualTo("undecided");
    assertThat(encoders.serving().before()).containsExactly(1, 2);
    assertThat(encoders.serving().version()).isEqualTo(3);
  }

  @Test
  void theFirstEncoderIsServedEvenIfItHasCollapsed() throws IOException {
    KeptEncoders encoders =
        KeptEncoders.of(LiveFolder.of(folder.resolve("live")), Clock.systemUTC());
    SelfJudge judge = new SelfJudge(generated(80).train(), 64, 0.05, 0.95, 1);

    Decision first = new Gate(encoders, judge).admit(encoder("blind", true), folder, 1);

    assertThat(first.verdict()).isEqualTo("fail");
    assertThat(first.reasons()).contains("it is served nevertheless: there is no other");
    assertThat(encoders.serving().version()).isEqualTo(1);
  }

  @Test
  void aLivingEncoderIsServedWherePicturesAreTooFewToCompareBy() throws IOException {
    SelfJudge judge = new SelfJudge(generated(80).train(), 8, 0.05, 0.95, 1);

    Judgement other = judge.of(encoder("good", false), encoder("drawn", false, 2));

    assertThat(other.verdict()).isEqualTo(Verdict.UNDECIDED);
    assertThat(other.reasons().get(0)).contains("too few pictures to tell");
  }

  @Test
  void aWordThatNamesNoSetIsRefusedBeforeAnythingIsJudged() {
    assertThatThrownBy(
            () ->
                new GateTaker(
                    GateSettings.of("nosuchset"), Catalogue.standard(), 1, Clock.systemUTC()))
        .hasMessageContaining("nosuchset");
  }

  @Test
  void aGateThatGoesBackIsRefusedByARunThatKeepsNothingToGoBackTo() throws IOException {
    GateSettings gate = GateSettings.of(GateSettings.SELF).reverting(true);
    Path incoming = Files.createDirectory(folder.resolve("incoming"));
    LiveBuilder live =
        Live.in(folder.resolve("live"))
            .source("folder:" + incoming)
            .taker(new GateTaker(gate, Catalogue.standard(), 1, Clock.systemUTC()));
    assertThatThrownBy(live::start)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gate(settings.asMap())");
    assertThat(folder.resolve("live/live.yaml")).doesNotExist();
  }

  @Test
  void aSetTooSmallForTheMarginIsRefused() {
    assertThatThrownBy(() -> new LabelledJudge(generated(20), 0, 0.001, 0.95, 1))
        .hasMessageContaining("takes 2703 or more: give a larger set or a larger margin");
  }
}
