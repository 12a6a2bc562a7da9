package dev.millrace.exchange;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.search.Hit;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.RunExamination;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/**
 * Spoils one file of a small run, an index or an embedding, and asks whether any command answers
 * otherwise than before without naming the file.
 */
final class Flips {
  private static final String SET = "generated:images=32;test=8;classes=4;size=16";
  private static final String MORE = "generated:images=16;test=8;classes=4;size=16;seed=2";

  /** What a command answers, as text. */
  @FunctionalInterface
  interface Command {
    String answer(Path copy) throws IOException;
  }

  /**
   * What can be spoiled, and what is then asked.
   *
   * @param folder where the intact files are
   * @param commands each is given a fresh copy
   */
  record Subject(String name, Path folder, List<Command> commands) {}

  /** One way to spoil one file. */
  record Fault(Subject subject, Path file, String what) {}

  private final Path shared;
  private final List<Subject> subjects = new ArrayList<>();
  private final Map<String, String> intact = new LinkedHashMap<>();
  private final Path query;

  Flips(Path shared) throws IOException {
    this.shared = shared;
    query =
        Files.write(
            shared.resolve("query.ppm"), Catalogue.standard().open(SET).test().image(1).bytes());
    Settings settings =
        Settings.defaults(SET)
            .with(
                Map.ofEntries(
                    Map.entry("width", 4),
                    Map.entry("size", 16),
                    Map.entry("epochs", 1),
                    Map.entry("batch", 8),
                    Map.entry("queue", 16),
                    Map.entry("dim", 8),
                    Map.entry("replay", 0.25),
                    Map.entry("mas", 1),
                    Map.entry("threads", 1),
                    Map.entry("stream", "class"),
                    Map.entry("chunks", 2),
                    Map.entry("checkpoint-steps", 1)));
    Path finished = shared.resolve("finished");
    Millrace.pretrain(settings, finished);
    probed(finished);
    insight(finished);
    subjects.add(
        new Subject(
            "finished",
            finished,
            List.of(
                Flips::resumed,
                Flips::extended,
                Flips::probed,
                Flips::insight,
                this::embedded,
                Flips::lastLoss)));
    Path stopped = shared.resolve("stopped");
    int[] steps = {0};
    RunEvent.Listener count = event -> steps[0] += event instanceof RunEvent.Stepped ? 1 : 0;
    Millrace.pretrain(settings, stopped, count, () -> steps[0] >= 3);
    subjects.add(new Subject("stopped", stopped, List.of(Flips::resumed)));
    Path index = shared.resolve("index");
    searched(index);
    subjects.add(new Subject("index", index, List.of(this::searched)));
    Path begun = Files.createDirectories(shared.resolve("begun"));
    embedding(begun, true);
    subjects.add(new Subject("begun embedding", begun, List.of(copy -> embedding(copy, false))));
    Path done = Files.createDirectories(shared.resolve("done"));
    embedding(done, false);
    subjects.add(new Subject("embedding", done, List.of(Flips::examined)));
    for (Subject subject : subjects) {
      for (int i = 0; i < subject.commands().size(); i++) {
        Path copy = copy(subject.folder());
        intact.put(subject.name() + i, subject.commands().get(i).answer(copy));
        Trees.delete(copy);
      }
    }
  }

  private static String resumed(Path run) throws IOException {
    return Millrace.resume(run, event -> {}, () -> false).encoderSha256()
        + Sha256.of(run.resolve("chunks/0/encoder.safetensors"));
  }

  private static String extended(Path run) throws IOException {
    return Millrace.extend(run, MORE, event -> {}, () -> false).encoderSha256();
  }

  private static String probed(Path run) throws IOException {
    return Probing.complete(run, ProbeRequest.of(SET), new ProbeListener() {}).toString();
  }

  private static InsightRequest request(String... parts) {
    return InsightRequest.of(1, parts)
        .withImages(16)
        .with(InsightRequest.Loss.DEFAULT.withImages(8));
  }

  private static String insight(Path run) throws IOException {
    return Insights.of(run, request("health", "cka"), new InsightListener() {}).toString();
  }

  /** Reads all states with their records, as the costly parts of insight would. */
  private static String lastLoss(Path run) throws IOException {
    return examined(run);
  }

  private static String examined(Path path) throws IOException {
    Path out = path.resolve("x.npy");
    List<Finding> findings =
        Files.exists(Seal.recordOf(out)) ? Embedding.examine(out) : RunExamination.of(path);
    for (Finding one : findings) {
      if (!one.ok()) {
        throw new IOException(one.file() + ": " + one.found() + "; " + one.mend());
      }
    }
    return "as it was written";
  }

  private static Encoder.Options options() {
    return new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1);
  }

  private String embedded(Path run) throws IOException {
    Path out = run.resolve("vectors.npy");
    Embedding.embed(
        new Embedding.Request(
            run.resolve("encoder.safetensors"), SET, "all", 0, out, options(), 0.01),
        new Embedding.Listener() {});
    return Sha256.of(out);
  }

  private String embedding(Path folder, boolean stop) throws IOException {
    Path out = folder.resolve("x.npy");
    int[] done = {0};
    Embedding.Listener listener =
        new Embedding.Listener() {
          @Override
          public void embedded(int pictures, int of, long bad) {
            done[0] = pictures;
          }

          @Override
          public boolean stop() {
            return stop && done[0] > 0;
          }
        };
    try {
      Embedding.embed(
          new Embedding.Request(
              shared.resolve("finished/encoder.safetensors"),
              "generated:images=300;test=8;classes=4;size=16",
              "all",
              0,
              out,
              options(),
              0.01),
          listener);
    } catch (CancellationException stopped) {
      return "stopped";
    }
    return Sha256.of(out) + Sha256.of(folder.resolve("x.npy.ids.jsonl"));
  }

  private String searched(Path index) throws IOException {
    PictureSearch.Request request =
        new PictureSearch.Request(
            shared.resolve("finished/encoder.safetensors"), SET, index, false, options());
    try (PictureSearch search = PictureSearch.open(request)) {
      search.prepare(new PictureSearch.Listener() {});
      List<List<Hit>> hits = search.nearest(search.queries(List.of(query)), 5, false);
      return hits.toString();
    }
  }

  /** Copies a folder's files; a lock is none of them. */
  private Path copy(Path from) throws IOException {
    Path to = Files.createTempDirectory(shared, "copy");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  /**
   * Makes one fault and asks one command.
   *
   * @return what is wrong with the answer; null if nothing
   */
  String trial(long seed, int number) throws IOException {
    Draw draw = Draw.of(seed, "flips", number);
    Subject subject = subjects.get(Math.max(0, draw.at(0).below(8) - 3) % subjects.size());
    int command = draw.at(1).below(subject.commands().size());
    Path copy = copy(subject.folder());
    try {
      Path file = pick(copy, draw);
      String fault = spoil(file, draw);
      String about =
          "%s of %s/%s, command %d"
              .formatted(fault, subject.name(), copy.relativize(file), command);
      try {
        String answer = subject.commands().get(command).answer(copy);
        return answer.equals(intact.get(subject.name() + command))
            ? null
            : about + ": another result";
      } catch (Exception refused) {
        return named(copy, file, refused) ? null : about + ": refused without its name: " + refused;
      }
    } finally {
      Trees.delete(copy);
    }
  }

  /** Small files have few bytes, so half of the time a file is picked regardless of its size. */
  private static Path pick(Path folder, Draw draw) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all =
          files
              .filter(f -> Files.isRegularFile(f) && f.toFile().length() > 0)
              .filter(f -> !f.getFileName().toString().endsWith("lock"))
              .sorted()
              .toList();
    }
    if (draw.at(2).chance(0.5)) {
      return all.get(draw.at(3).below(all.size()));
    }
    long bytes = all.stream().mapToLong(f -> f.toFile().length()).sum();
    long at = (long) (draw.at(3).uniform() * bytes);
    for (Path file : all) {
      at -= file.toFile().length();
      if (at < 0) {
        return file;
      }
    }
    return all.get(all.size() - 1);
  }

  private static String spoil(Path file, Draw draw) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = draw.at(4).below(bytes.length);
    int kind = draw.at(5).below(10);
    if (kind == 0) {
      Files.delete(file);
      return "removal";
    }
    if (kind == 1) {
      Files.write(file, Arrays.copyOf(bytes, at));
      return "cut to " + at + " bytes";
    }
    if (kind == 2) {
      int from = at / 512 * 512;
      Arrays.fill(bytes, from, Math.min(bytes.length, from + 512), (byte) 0);
      Files.write(file, bytes);
      return "zeroes at " + from;
    }
    int bit = draw.at(6).below(8);
    bytes[at] ^= (byte) (1 << bit);
    Files.write(file, bytes);
    return "flip of bit " + bit + " of byte " + at;
  }

  /** Whether the words name the file; an index is named as a whole. */
  private static boolean named(Path copy, Path file, Exception refused) {
    String words = String.valueOf(refused.getMessage());
    String name = file.getFileName().toString();
    boolean whole = name.startsWith("_") || name.startsWith("segments");
    boolean missing = !Files.exists(file) && words.contains(file.getParent().getFileName() + "");
    return words.contains(whole ? copy.getFileName().toString() : name)
        || missing
        || name.equals(Seal.NAME) && words.contains(name);
  }
}
