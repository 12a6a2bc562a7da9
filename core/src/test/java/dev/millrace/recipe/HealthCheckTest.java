package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
  private static final Device CPU = new Device("cpu");
  private static final Settings SETTINGS =
      Settings.defaults("generated:images=64;test=8;classes=4;size=16")
          .with(Map.of("width", 4, "size", 16, "epochs", 10, "queue", 64, "threads", 1));

  private static RunEvent.HealthChecked look(Learner method, Chunk chunk, List<String> state)
      throws IOException {
    List<RunEvent> told = new ArrayList<>();
    try (HealthCheck check = new HealthCheck(SETTINGS, method.network(), step -> 0, told::add)) {
      check.on(new RunEvent.ChunkOpened(chunk, 1, 64, 640, 10, 4, 0));
      for (int epoch = 0; epoch < 9; epoch++) {
        Position after = new Position(0, epoch + 1, 0, 4 * (epoch + 1), 0);
        check.on(new RunEvent.EpochLearned(after, 0, epoch, 10, method.network().encoder()));
      }
      check.on(
          new RunEvent.ChunkLearned(
              new Position(1, 0, 0, 40, 0), chunk, method.network().encoder()));
    }
    told.forEach(event -> state.add(((RunEvent.HealthChecked) event).epoch() + ""));
    return (RunEvent.HealthChecked) told.get(told.size() - 1);
  }

  @Test
  void aLivingEncoderIsLookedAtAFewTimesAChunkAndStaysAsItIs() throws IOException {
    Natives.load();
    RunChunks chunks = RunChunks.plan(SETTINGS);
    try (PointerScope scope = new PointerScope();
        Learner method = Wiring.learner(SETTINGS, chunks, CPU, PartSettings.precision(SETTINGS))) {
      Map<String, Tensor> before = new LinkedHashMap<>();
      method.state().forEach((name, tensor) -> before.put(name, tensor.clone()));
      List<String> epochs = new ArrayList<>();
      RunEvent.HealthChecked last = look(method, chunks.open(0), epochs);
      assertThat(epochs).containsExactly("2", "5", "8", "9");
      assertThat(last.step()).isEqualTo(40);
      assertThat(last.collapsed()).isFalse();
      method
          .state()
          .forEach(
              (name, tensor) ->
                  assertThat(torch.equal(tensor, before.get(name))).as(name).isTrue());
    }
  }

  @Test
  void anEncoderThatGivesOneAnswerToEveryPictureRaisesTheAlarm() throws IOException {
    Natives.load();
    RunChunks chunks = RunChunks.plan(SETTINGS);
    try (PointerScope scope = new PointerScope();
        Learner method = Wiring.learner(SETTINGS, chunks, CPU, PartSettings.precision(SETTINGS))) {
      // Without scale the normalisations say their bias, whatever they see.
      method.network().weights().layout().entries().stream()
          .filter(entry -> entry.shape().size() == 1)
          .forEach(
              entry ->
                  method
                      .network()
                      .weights()
                      .get(entry.name())
                      .detach()
                      .fill_(
                          new org.bytedeco.pytorch.Scalar(
                              entry.name().endsWith("bias") ? 0.5 : 0.0)));
      RunEvent.HealthChecked last = look(method, chunks.open(0), new ArrayList<>());
      assertThat(last.collapsed()).isTrue();
      assertThat(last.variance()).isLessThan(1e-6);
    }
  }

  @Test
  void aChunkOfOnePictureManyTimesIsNoCollapseOfTheEncoder() throws IOException {
    Natives.load();
    RunChunks chunks = RunChunks.plan(SETTINGS);
    try (PointerScope scope = new PointerScope();
        Learner method = Wiring.learner(SETTINGS, chunks, CPU, PartSettings.precision(SETTINGS))) {
      Chunk whole = chunks.open(0);
      Chunk still = new Chunk(0, "still", whole.images().subset("still", 3, 3, 3, 3));
      RunEvent.HealthChecked last = look(method, still, new ArrayList<>());
      assertThat(last.variance()).isLessThan(1e-6);
      assertThat(last.collapsed()).isFalse();
    }
  }

  /** Leaves the last stage so many channels that say anything. */
  private static void mute(Learner method, int kept) {
    method.network().weights().layout().entries().stream()
        .filter(entry -> entry.name().contains("layer4") && entry.shape().size() == 1)
        .filter(entry -> !entry.name().contains("bn1"))
        .forEach(
            entry ->
                method
                    .network()
                    .weights()
                    .get(entry.name())
                    .detach()
                    .slice(0, new LongOptional(kept), new LongOptional(), 1)
                    .zero_());
  }

  @Test
  void anEncoderThatLosesMostOfItsDimensionsRaisesTheAlarmAlsoAfterAResume() throws IOException {
    Natives.load();
    RunChunks chunks = RunChunks.plan(SETTINGS);
    try (PointerScope scope = new PointerScope();
        Learner method = Wiring.learner(SETTINGS, chunks, CPU, PartSettings.precision(SETTINGS))) {
      List<RunEvent.HealthChecked> told = new ArrayList<>();
      RunEvent.Listener listener = event -> told.add((RunEvent.HealthChecked) event);
      Chunk chunk = chunks.open(0);
      try (HealthCheck check = new HealthCheck(SETTINGS, method.network(), step -> 0, listener)) {
        check.on(new RunEvent.ChunkOpened(chunk, 1, 64, 640, 10, 4, 0));
        check.on(new RunEvent.EpochLearned(at(3), 0, 2, 10, method.network().encoder()));
        mute(method, 3);
        check.on(new RunEvent.EpochLearned(at(6), 0, 5, 10, method.network().encoder()));
      }
      assertThat(told.get(0).collapsed()).isFalse();
      double best = told.get(0).effectiveRank();
      assertThat(best).isGreaterThan(8);
      assertThat(told.get(1).effectiveRank()).isBetween(1.5, 3.0);
      assertThat(told.get(1).collapse())
          .startsWith("to a few dimensions: effective rank")
          .endsWith("after %.2f at its best".formatted(best));
      List<Long> asked = new ArrayList<>();
      HealthCheck.Past past =
          step -> {
            asked.add(step);
            return best;
          };
      try (HealthCheck check = new HealthCheck(SETTINGS, method.network(), past, listener)) {
        check.on(new RunEvent.ChunkOpened(chunk, 1, 64, 640, 10, 4, 0));
        check.on(new RunEvent.EpochLearned(at(6), 0, 5, 10, method.network().encoder()));
        check.on(new RunEvent.EpochLearned(at(9), 0, 8, 10, method.network().encoder()));
      }
      assertThat(told.get(2)).isEqualTo(told.get(1));
      assertThat(asked).containsExactly(24L);
    }
  }

  private static Position at(int epoch) {
    return new Position(0, epoch, 0, 4 * epoch, 0);
  }
}
