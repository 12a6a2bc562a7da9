package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sampler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chunks that are checked while they are learned and are larger than the sample of the health
 * check, in a zip of which some entries are cut pictures and others do not fit their checksums.
 */
class BadPicturesMetTest {
  private static final int PICTURES = 400;
  private static final byte[] HEAD = "P6 20 20 255\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir static Path shared;
  private static Path data;

  /** A run of {@link #whole} that nothing ended. */
  private static Path straight;

  @TempDir Path folder;

  private static boolean cut(int i) {
    return i % 26 == 7;
  }

  private static boolean damaged(int i) {
    return i % 26 == 20;
  }

  private static String name(int i) {
    return "%03d.ppm".formatted(i);
  }

  private static List<String> badOnes() {
    return IntStream.range(0, PICTURES)
        .filter(i -> cut(i) || damaged(i))
        .mapToObj(BadPicturesMetTest::name)
        .toList();
  }

  @BeforeAll
  static void pictures() throws IOException {
    data = shared.resolve("all.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(data))) {
      zip.setMethod(ZipOutputStream.STORED);
      for (int i = 0; i < PICTURES; i++) {
        byte[] bytes = Arrays.copyOf(HEAD, cut(i) ? 700 : HEAD.length + 3 * 20 * 20);
        for (int at = HEAD.length; at < bytes.length; at++) {
          bytes[at] = (byte) (at * (i + 3));
        }
        CRC32 sum = new CRC32();
        sum.update(bytes);
        ZipEntry entry = new ZipEntry(name(i));
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
      }
    }
    // A byte of pixels: a name stands before its picture, and again in the list at the end.
    byte[] all = Files.readAllBytes(data);
    String text = new String(all, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < PICTURES; i++) {
      if (damaged(i)) {
        all[text.indexOf(name(i)) + name(i).length() + HEAD.length + 300] ^= 1;
      }
    }
    Files.write(data, all);
    straight = shared.resolve("straight");
    Millrace.pretrain(whole(), straight);
  }

  private static Settings whole() {
    return settings().with("replay", 0.3);
  }

  private static Settings settings() {
    return Settings.defaults(data.toString())
        .with(Map.of("width", 4, "size", 8, "epochs", 2, "batch", 50, "queue", 50, "threads", 1))
        .with(Map.of("max-bad", 0.2, "check", "meanwhile", "checkpoint-steps", 3))
        .with(Map.of("stream", "instance", "chunks", 2));
  }

  private static List<String> quarantined(Path run) throws IOException {
    return Pattern.compile("\"id\":\"([^\"]+)\"")
        .matcher(Files.readString(run.resolve("quarantine.jsonl")))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static List<String> losses(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.jsonl"))) {
      return lines.map(line -> line.replaceAll(".*\"loss\":([^,]+),.*", "$1")).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "mas", "ewc", "cassle", "minred", "before"})
  void aPictureThatDoesNotDecodeOrCannotBeReadIsNamedOnceWhoeverMeetsIt(String remedy)
      throws IOException {
    Map<String, Object> with = new HashMap<>();
    with.put("epochs", 1);
    switch (remedy) {
      case "before" -> with.put("check", "before");
      case "minred" -> with.putAll(Map.of("memory", "minred", "memory-images", 60));
      default -> with.put(remedy, remedy.equals("replay") ? 0.3 : 1.0);
    }
    Path run = folder.resolve("run");
    assertThat(Millrace.pretrain(settings().with(with), run).stopped()).isFalse();
    assertThat(quarantined(run)).containsExactlyInAnyOrderElementsOf(badOnes());
  }

  @Test
  void stepsMeetSomeAndTheSampleOfTheHealthCheckOthers() throws IOException {
    Path run = folder.resolve("run");
    AtomicInteger beforeStep = new AtomicInteger();
    AtomicInteger afterStep = new AtomicInteger();
    AtomicInteger steps = new AtomicInteger();
    Millrace.pretrain(
        settings().with("chunks", 1),
        run,
        event -> {
          if (event instanceof RunEvent.Stepped) {
            steps.incrementAndGet();
          } else if (event instanceof RunEvent.BadMet met) {
            (steps.get() == 0 ? beforeStep : afterStep).addAndGet(met.bad().size());
          }
        },
        () -> false);
    assertThat(beforeStep).hasPositiveValue();
    assertThat(afterStep).hasPositiveValue();
    assertThat(quarantined(run)).containsExactlyInAnyOrderElementsOf(badOnes());
  }

  /** Where a process ends; what was written by then stays. */
  private enum Ended {
    AS_A_CHUNK_OPENS(event -> event instanceof RunEvent.ChunkOpened),
    AS_THE_HEALTH_CHECK_MEETS_SOME(event -> event instanceof RunEvent.BadMet),
    AS_A_STEP_IS_MADE(
        event -> event instanceof RunEvent.Stepped step && step.position().total() == 4),
    AS_THE_LAST_STEP_IS_MADE(
        event -> event instanceof RunEvent.Stepped step && step.position().total() == 8),
    AS_THE_MEAN_IS_PUBLISHED(event -> event instanceof RunEvent.ChunkLearned),
    DURING_THE_CHECK_AT_THE_END(
        event -> event instanceof RunEvent.Quarantined found && found.late()),
    AFTER_THE_CHECK_AT_THE_END(event -> event instanceof RunEvent.ChunkConsolidated),
    AS_THE_NEXT_CHUNK_OPENS(
        event -> event instanceof RunEvent.ChunkOpened opened && opened.chunk().index() == 1),
    IN_THE_NEXT_CHUNK(
        event -> event instanceof RunEvent.Stepped step && step.position().total() == 13);

    private final Predicate<RunEvent> at;

    Ended(Predicate<RunEvent> at) {
      this.at = at;
    }
  }

  private static void requireSame(Path run) throws IOException {
    assertThat(losses(run)).isEqualTo(losses(straight));
    assertThat(run.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
    assertThat(run.resolve("quarantine.jsonl.damaged")).doesNotExist();
    assertThat(run.resolve("quarantine.jsonl"))
        .hasSameTextualContentAs(straight.resolve("quarantine.jsonl"));
    assertThat(quarantined(run)).containsExactlyInAnyOrderElementsOf(badOnes());
  }

  @ParameterizedTest
  @EnumSource(Ended.class)
  void endedAnywhereAndResumedEqualsNeverEnded(Ended ended) throws IOException {
    Path run = folder.resolve("run");
    assertThatThrownBy(
            () ->
                Millrace.pretrain(
                    whole(),
                    run,
                    event -> {
                      if (ended.at.test(event)) {
                        throw new IllegalStateException("killed");
                      }
                    },
                    () -> false))
        .hasStackTraceContaining("killed");
    Millrace.resume(run, event -> {}, () -> false);
    requireSame(run);
  }

  @Test
  void stoppedDuringTheCheckAtTheEndAndResumedEqualsNeverStopped() throws IOException {
    Path run = folder.resolve("run");
    AtomicInteger asked = new AtomicInteger();
    boolean[] lastStep = new boolean[1];
    Millrace.Outcome outcome =
        Millrace.pretrain(
            whole(),
            run,
            event ->
                lastStep[0] |=
                    event instanceof RunEvent.Stepped step && step.position().total() == 8,
            // The last step asks once; the check's pictures ask after it.
            () -> lastStep[0] && asked.incrementAndGet() > 20);
    assertThat(outcome.stopped()).isTrue();
    assertThat(outcome.steps()).isEqualTo(8);
    assertThat(run.resolve("checks/0.late.json")).doesNotExist();
    Millrace.resume(run, event -> {}, () -> false);
    requireSame(run);
  }

  @Test
  void theCheckAtTheEndLeavesLinesThatACheckpointCountsOn() throws IOException {
    // A mean of weights would look at more pictures before the check.
    Settings settings =
        settings()
            .with(Map.of("chunks", 1, "epochs", 1, "checkpoint-steps", 1, "batch", 150))
            .with(Map.of("schedule", "restart", "max-bad", 0.074));
    Path run = folder.resolve("run");
    // Steps and the health check meet most, in an order that is not the set's; the check the rest.
    assertThatThrownBy(() -> Millrace.pretrain(settings, run)).hasMessageContaining("all are in");
    byte[] refused = Files.readAllBytes(run.resolve("quarantine.jsonl"));
    Millrace.resume(run, 0.2, event -> {}, () -> false);
    assertThat(run.resolve("quarantine.jsonl.damaged")).doesNotExist();
    assertThat(Files.readAllBytes(run.resolve("quarantine.jsonl"))).isEqualTo(refused);
  }

  private record Many(int size) implements ImageSet {
    @Override
    public String name() {
      return "many";
    }

    @Override
    public Image image(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private boolean meanwhile(int pictures, WhenChecked check) {
    Plan plan =
        new Plan(
            1,
            1,
            0,
            2,
            1,
            false,
            0.1,
            0,
            new Course.Restart(),
            Sampler.Mix.BALANCED,
            0,
            100,
            1e9,
            1,
            1,
            0,
            check,
            0);
    return DecodeCheck.meanwhile(new Chunk(0, "all", new Many(pictures)), folder, plan);
  }

  @Test
  void aLargeChunkIsCheckedWhileItIsLearnedUnlessAskedOtherwise() {
    assertThat(meanwhile(Chunk.LARGE, WhenChecked.AUTO)).isTrue();
    assertThat(meanwhile(Chunk.LARGE - 1, WhenChecked.AUTO)).isFalse();
    assertThat(meanwhile(Chunk.LARGE, WhenChecked.BEFORE)).isFalse();
    assertThat(meanwhile(2, WhenChecked.MEANWHILE)).isTrue();
  }
}
