package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.learn.retention.FineTune;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.encoder.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainingTest {
  private static final String SET = "generated:images=128;test=32;classes=4;size=16";

  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;

  private static Settings tiny(String... data) {
    return Settings.defaults(data)
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                32,
                "queue",
                64,
                "replay",
                0.25,
                "mas",
                1,
                "threads",
                1,
                "checkpoint-steps",
                3));
  }

  private static Settings classStream() {
    return tiny(SET).with(Map.of("stream", "class", "chunks", 2));
  }

  private static String set(int seed) {
    return "generated:images=64;test=8;classes=4;size=16;seed=" + seed;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRunStoppedAfterEveryFewStepsAndResumedEndsWithTheSameBytes(int every) throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(classStream(), folder.resolve("whole"));
    assertThat(whole.stopped()).isFalse();
    assertThat(whole.chunks()).isEqualTo(2);
    assertThat(whole.steps()).isEqualTo(8);
    assertThat(whole.imagePasses()).isEqualTo(8 * 32);
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(every);
    Millrace.Outcome outcome = Millrace.pretrain(classStream(), run, stop, stop);
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
    Natives.load();
    Natives.threads(1);
    Device cpu = new Device("cpu");
    Path run = folder.resolve("workers" + workers);
    Chunk chunk = new Chunk(0, "all", Catalogue.standard().open(set(0)).train());
    Chunks chunks =
        new Chunks() {
          @Override
          public int count() {
            return 1;
          }

          @Override
          public Chunk open(int index) {
            return chunk;
          }
        };
    Plan plan = new Plan(1, 1, 31, 0.1, 0, Sampler.Mix.BALANCED, 0, 100, 1e9, workers, 2, 1L << 20);
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    try (MoCoV2 method =
            new MoCoV2(new MoCoV2.Settings(64, 0.9, 0.2, 16, 1), shape, cpu, Precision.FP32, 1);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 1e-4), method.weights())) {
      ViewMaker views = new ViewMaker(Augmentation.mocoV2(16), Normalisation.imagenet());
      new Pretraining(
              plan,
              new Pretraining.Parts(method, new FineTune(), sgd, null, views, 16, cpu),
              chunks,
              chunk.images().classes(),
              run,
              new Checkpoints(run.resolve("checkpoints"), 2, "x"),
              (trained, file) ->
                  EncoderFile.write(
                      file, trained.encoder(), 16, Normalisation.imagenet(), Map.of()),
              event -> {},
              () -> false)
          .run();
    }
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

  /** 64 pictures of two classes. */
  private static void pictures(Path data) throws IOException {
    for (int i = 0; i < 64; i++) {
      Path file = data.resolve("train/" + (i % 2 == 0 ? "a" : "b") + "/" + i + ".ppm");
      Files.createDirectories(file.getParent());
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = java.util.Arrays.copyOf(head, head.length + 768);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3));
      }
      Files.write(file, bytes);
    }
  }

  @Test
  void theMemoryServesReplayWhenTheOldDataIsGone() throws IOException {
    Path data = folder.resolve("data");
    pictures(data);
    Path run = folder.resolve("run");
    Millrace.pretrain(tiny(data.toString()).with("stream", "given"), run);
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
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
  void aCheckpointWithOneByteFlippedIsRefusedInWords() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path state = only(run.resolve("checkpoints"), ".safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: expected checksum")
        .hasMessageContaining("delete it");
  }

  @Test
  void aCheckpointRecordWithOneDigitChangedIsRefusedInWords() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path commit = only(run.resolve("checkpoints"), ".json");
    String text = Files.readString(commit);
    assertThat(text).contains("\"total\":2");
    Files.writeString(commit, text.replace("\"total\":2", "\"total\":1"));
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not fit its own checksum")
        .hasMessageContaining("delete it");
  }

  @Test
  void aResumeWithOtherSettingsIsRefused() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path yaml = run.resolve("run.yaml");
    String text = Files.readString(yaml);
    assertThat(text).contains("temperature: 0.1");
    Files.writeString(yaml, text.replace("temperature: 0.1", "temperature: 0.2"));
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("made with other settings than run.yaml now holds")
        .hasMessageContaining("restore run.yaml");
  }

  @Test
  void aStopWhilePicturesAreCheckedLosesNothing() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(classStream(), folder.resolve("whole"));
    Path run = folder.resolve("run");
    Millrace.Outcome stopped = Millrace.pretrain(classStream(), run, event -> {}, () -> true);
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
    "epochs,0,--epochs 0",
    "batch,1,--batch 1",
    "lr,0,--lr 0",
    "queue,0,--queue 0",
    "device,gpu,--device gpu",
    "mas,-1,--mas -1",
    "size,5000,--size 5000",
    "weight-decay,-1,--weight-decay -1",
    "dim,0,--dim 0",
    "batch,65,--batch 65 is more than the 64 pictures of chunk 0",
  })
  void aRefusedSettingLeavesNothingBehindSoThatTheMendedCommandRuns(
      String name, String value, String words) {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(classStream().with(name, value), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(words);
    assertThat(run).doesNotExist();
  }

  @Test
  void aLaterChunkTooSmallForABatchIsRefusedBeforeTheFirstStep() {
    Path run = folder.resolve("run");
    Settings given =
        tiny(set(1), "generated:images=20;test=8;classes=4;size=16").with("stream", "given");
    assertThatThrownBy(() -> Millrace.pretrain(given, run))
        .hasMessageContaining("--batch 32 is more than the 20 pictures of chunk 1");
    assertThat(run).doesNotExist();
  }

  @Test
  void anExtensionThatIsRefusedLeavesTheFinishedRunAsItWas() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome before = Millrace.pretrain(tiny(set(1)).with("stream", "given"), run);
    String settings = Files.readString(run.resolve("run.yaml"));
    String small = "generated:images=20;test=8;classes=4;size=16";
    assertThatThrownBy(() -> Millrace.extend(run, small, event -> {}, () -> false))
        .hasMessageContaining("--batch 32 is more than the 20 pictures of chunk 1");
    assertThat(run.resolve("run.yaml")).hasContent(settings);
    assertThat(Millrace.resume(run, event -> {}, () -> false)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "instance,moco-v2,false,0", "distant,moco-v2,false,0", "domain,moco-v2,false,40",
    "class,supervised,false,0", "class,supervised,true,0", "instance,supervised-mlp,false,40",
  })
  void everyStreamAndMethodStoppedAndResumedEndsWithTheSameBytes(
      String stream, String method, boolean newHead, int memory) throws IOException {
    Settings settings =
        tiny("generated:images=144;test=8;classes=4;domains=2;size=16")
            .with(
                Map.of(
                    "stream", stream,
                    "chunks", 2,
                    "method", method,
                    "new-head", newHead,
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

  private static Path only(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  @Test
  @EnabledIf("hasAFullDisk")
  void aFullDiskStopsTheRunAndWithSpaceAgainItEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(classStream(), folder.resolve("whole"));
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    // Whatever is written to /dev/full fails as on a disk without space.
    Path partial = run.resolve("checkpoints/.step-0000000003-chunk-00000.safetensors.partial");
    Files.createSymbolicLink(partial, FULL);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write the checkpoint of step 3")
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("free some disk space and run `millrace resume`");
    assertThat(partial).doesNotExist();
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  static boolean hasAFullDisk() {
    return Files.exists(FULL);
  }

  @Test
  void weightsThatTheLastUpdateSpoiledAreNotSaved() throws IOException {
    Path run = folder.resolve("run");
    // One step an epoch and a checkpoint after each: the loss of step 0 is still finite.
    Settings settings =
        classStream()
            .with(Map.of("lr", 3e38, "weight-decay", 1e3, "batch", 64, "checkpoint-steps", 1));
    assertThatThrownBy(() -> Millrace.pretrain(settings, run))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("is no longer finite after step 1")
        .hasMessageContaining("the last checkpoint is intact");
    assertThat(run.resolve("checkpoints")).doesNotExist();
  }

  @Test
  void anExistingFolderIsRefused() throws IOException {
    Path out = Files.createDirectory(folder.resolve("there"));
    assertThatThrownBy(() -> Millrace.pretrain(classStream(), out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists already");
    Files.createFile(out.resolve("run.yaml"));
    assertThatThrownBy(() -> Millrace.pretrain(classStream(), out))
        .hasMessageContaining("holds a run already");
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunNamingTheStep() {
    assertThatThrownBy(
            () -> Millrace.pretrain(classStream().with("lr", 1e30), folder.resolve("run")))
        .isInstanceOf(DivergedException.class)
        .hasMessageMatching("the loss is \\S+ at step \\d+ \\(chunk 0, epoch \\d\\).*--lr.*");
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
