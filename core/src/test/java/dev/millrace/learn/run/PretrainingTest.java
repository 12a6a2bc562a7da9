package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.SET;
import static dev.millrace.learn.run.TinyRuns.classStream;
import static dev.millrace.learn.run.TinyRuns.pictures;
import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Device;
import dev.millrace.file.Trees;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainingTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1, 4", "3, 4", "3, 16"}) // width 16 trains through oneDNN
  void aRunStoppedAfterEveryFewStepsAndResumedEndsWithTheSameBytes(int every, int width)
      throws IOException {
    Settings settings = classStream().with("width", width);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    assertThat(whole.stopped()).isFalse();
    assertThat(whole.chunks()).isEqualTo(2);
    assertThat(whole.steps()).isEqualTo(8);
    assertThat(whole.imagePasses()).isEqualTo(8 * 32);
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(every);
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, stop, stop);
    int calls = 1;
    while (outcome.stopped()) {
      assertThat(outcome.encoder()).isNull();
      outcome = Millrace.resume(run, stop.again(), stop);
      assertThat(++calls).isLessThan(12);
    }
    assertThat(calls).isGreaterThan(8 / every);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(stop.all()).isEqualTo(8);
    assertThat(run.resolve("metrics.jsonl")).content().hasLineCount(8);
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  @Test
  void anyNumberOfViewWorkersGivesTheSameBytes() throws IOException {
    byte[] one = withWorkers(1);
    assertThat(withWorkers(2)).isEqualTo(one);
    assertThat(withWorkers(5)).isEqualTo(one);
  }

  private byte[] withWorkers(int workers) throws IOException {
    Path run = folder.resolve("workers" + workers);
    Plan plan = new Plan(1, 1, 31, 0.1, 0, Sampler.Mix.BALANCED, 0, 100, 1e9, workers, 2, 1L << 20);
    TinyRuns.pretrain(run, Catalogue.standard().open(set(0)).train(), plan, () -> {});
    return Files.readAllBytes(run.resolve("chunks/0/encoder.safetensors"));
  }

  @Test
  void aRunExtendedByASetEqualsOneThatHadItFromTheStart() throws IOException {
    Settings given = tiny(set(1), set(2)).with("stream", "given");
    Path run = folder.resolve("grown");
    Millrace.pretrain(given, run);
    Millrace.Outcome grown = Millrace.extend(run, set(3), event -> {}, () -> false);
    Millrace.Outcome whole =
        Millrace.pretrain(
            given.with("data", List.of(set(1), set(2), set(3))), folder.resolve("whole"));
    assertThat(grown.chunks()).isEqualTo(3);
    assertThat(grown.steps()).isEqualTo(12);
    try (EncoderFile a = EncoderFile.read(grown.encoder(), new Device("cpu"));
        EncoderFile b = EncoderFile.read(whole.encoder(), new Device("cpu"))) {
      assertThat(a.metadata()).isEqualTo(b.metadata());
    }
    assertThat(grown.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @ParameterizedTest
  @ValueSource(strings = {"class", "instance", "distant"})
  void anExtensionOfAnyStreamStoppedAndResumedEqualsOneNeverStopped(String stream)
      throws IOException {
    Settings settings = tiny(SET).with(Map.of("stream", stream, "chunks", 2));
    Path straight = folder.resolve("straight");
    Millrace.pretrain(settings, straight);
    Millrace.Outcome whole = Millrace.extend(straight, set(3), event -> {}, () -> false);
    Path run = folder.resolve("stopped");
    Millrace.pretrain(settings, run);
    StopAfter one = new StopAfter(1);
    Millrace.Outcome outcome = Millrace.extend(run, set(3), one, one);
    assertThat(outcome.stopped()).isTrue();
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, one.again(), one);
    }
    assertThat(outcome.chunks()).isEqualTo(3);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @Test
  void theMemoryServesReplayWhenTheOldDataIsGone() throws IOException {
    Path data = folder.resolve("data");
    pictures(data);
    Path run = folder.resolve("run");
    Millrace.pretrain(tiny(data.toString()).with("stream", "given"), run);
    Trees.delete(data);
    AtomicInteger replayed = new AtomicInteger();
    Millrace.Outcome outcome =
        Millrace.extend(
            run,
            set(1),
            event -> {
              if (event instanceof RunEvent.ChunkOpened opened) {
                replayed.addAndGet(opened.replayed());
              }
            },
            () -> false);
    assertThat(outcome.chunks()).isEqualTo(2);
    assertThat(replayed).hasValue(16);
  }

  @Test
  void aStopWhilePicturesAreCheckedLosesNothing() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(classStream(), folder.resolve("whole"));
    Path run = folder.resolve("run");
    Millrace.Outcome stopped =
        Millrace.pretrain(
            classStream(), run, event -> {}, () -> Files.exists(run.resolve("run.yaml")));
    assertThat(stopped.stopped()).isTrue();
    assertThat(stopped.steps()).isZero();
    assertThat(run.resolve("checks")).doesNotExist();
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  @Test
  void whatAKilledProcessLeftUnfinishedGoesWithTheNextCheckpoint() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path orphan = run.resolve("checkpoints/step-0000000001-chunk-00000.safetensors");
    Path half = run.resolve("checkpoints/.step-0000000001-chunk-00000.json.partial");
    Files.writeString(orphan, "a state whose record was never written");
    Files.writeString(half, "half");
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(orphan).doesNotExist();
    assertThat(half).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "class,simclr,auto,40",
    "class,byol,auto,0",
    "class,supcon,auto,40",
    "instance,nnclr,auto,0",
    "domain,lejepa,auto,0",
    "instance,swav,auto,0",
    "class,dino,auto,40",
    "instance,moco-v2,auto,0",
    "distant,moco-v2,auto,0",
    "domain,moco-v2,auto,40",
    "class,supervised,full,0",
    "class,supervised,new,0",
    "class,supervised-mlp,chunk,0",
    "instance,supervised-mlp,auto,40",
  })
  void everyStreamAndMethodStoppedAndResumedEndsWithTheSameBytes(
      String stream, String method, String head, int memory) throws IOException {
    Settings settings =
        tiny("generated:images=144;test=8;classes=4;domains=2;size=16")
            .with(
                Map.of(
                    "stream", stream,
                    "chunks", 2,
                    "method", method,
                    "head", head,
                    "replay", memory > 0 ? 0 : 0.25,
                    "memory-images", memory));
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(3);
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.chunks()).isEqualTo(2);
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  /**
   * Every remedy once or twice, alone or with those that it shares hooks with; every memory (a
   * share where none is named, a reservoir beside CLA and DER); every optimiser and schedule; the
   * methods that the streams above leave out. More pairs under {@code wsd} with branches are in
   * {@link EndlessRunTest}.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mas,ewc,cassle",
        "mas,ewc,cassle,restart",
        "lump,ewc,vicreg,restart",
        "pfr,si,orthogonal,byol",
        "osiris,cla=e,simclr",
        "cla=r,der,adamw,restart",
        "fifo,der,cla=b",
        "pnr,minred",
        "pnr,restart",
        "mas,moco-v3,adamw,branch",
        "ewc,dcl,cosine",
        "cassle,simsiam,restart",
        "mas,barlow-twins,lars",
        "cassle,swav,cosine",
        "ewc,lejepa",
        "mas,dino,adamw,branch",
        "lump,cassle,dino,crops",
        "ewc,der,swav,crops",
        "mas,ewc,mae,adamw",
        "lump,mae,adamw,branch"
      })
  void everyRemedyStoppedAfterEveryStepAndResumedEndsWithTheSameBytes(String remedies)
      throws IOException {
    Map<String, Object> strengths = new java.util.HashMap<>(Map.of("mas", 0));
    for (String part : List.of(remedies.split(","))) {
      if (part.equals("mae")) {
        strengths.putAll(
            Map.of("method", part, "encoder", "vit-tiny", "patch", 8, "decoder-dim", 16));
      } else if (Methods.names().contains(part)) {
        strengths.putAll(Map.of("method", part, "projector-hidden", 32, "dim", 16));
      } else if (part.matches("lars|adamw")) {
        strengths.put("optimiser", part);
      } else if (part.matches("restart|cosine")) {
        strengths.put("schedule", part);
      } else if (part.equals("branch")) {
        strengths.put("publish", part);
      } else if (part.matches("fifo|minred")) {
        strengths.put("memory", part);
      } else if (part.equals("crops")) {
        strengths.putAll(Map.of("local-crops", 2, "local-size", 8));
      } else if (part.startsWith("cla=")) {
        strengths.putAll(Map.of("cla", 1, "cla-form", part.substring(4)));
      } else {
        strengths.put(part, 1);
      }
    }
    if (remedies.matches(".*(cla|der|minred).*")) {
      strengths.putAll(Map.of("replay", 0, "memory-images", 40, "replay-draw", "half"));
    }
    Settings settings = classStream().with(strengths);
    Millrace.Outcome whole = Millrace.pretrain(settings, folder.resolve("whole"));
    Millrace.Outcome without =
        Millrace.pretrain(
            settings.with(
                RemedyParts.strengths(null).stream()
                    .filter(strength -> !strength.matches("replay|memory-images"))
                    .collect(Collectors.toMap(strength -> strength, strength -> 0))),
            folder.resolve("without"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome = Millrace.pretrain(settings, run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(TinyRuns.differing(run, folder.resolve("whole"))).isEmpty();
    assertThat(whole.encoderSha256()).isNotEqualTo(without.encoderSha256());
  }

  @Test
  void theSamePicturesUnderAnotherPathGiveTheSameBytes() throws IOException {
    Path first = folder.resolve("first/pictures");
    pictures(first);
    Path second = folder.resolve("second/pictures");
    pictures(second);
    Millrace.Outcome here = Millrace.pretrain(tiny(first.toString()), folder.resolve("here"));
    Millrace.Outcome there =
        Millrace.pretrain(tiny(second.toString()).with("keep", 3), folder.resolve("there"));
    assertThat(there.encoderSha256()).isEqualTo(here.encoderSha256());
  }

  @Test
  void nativeMemoryStaysFlatOverManySteps() throws IOException {
    long[] pointers = new long[61];
    Millrace.pretrain(
        tiny(SET).with(Map.of("epochs", 15, "checkpoint-steps", 7)),
        folder.resolve("run"),
        event -> {
          if (event instanceof RunEvent.Stepped stepped) {
            pointers[(int) stepped.position().total()] = Pointer.totalCount();
          }
        },
        () -> false);
    assertThat(pointers[60]).isLessThanOrEqualTo(pointers[20]).isPositive();
  }
}
