package dev.millrace.app.live;

import static dev.millrace.file.Json.ONE_VALUE;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.app.shared.PlainCommand;
import dev.millrace.file.Reason;
import dev.millrace.file.TextFile;
import dev.millrace.live.Forget;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.account.Kept;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has pictures of a live run forgotten. */
@Command(
    name = "forget",
    sortOptions = false,
    description =
        "Removes pictures from a live run for good: their bytes in chunks and in the replay memory, and the indexes that were kept of its vectors. Their ids and checksums stay in the account, so that they are not taken in again. A chunk that is being learned gives its pictures back when it is learned; one that is not learned yet is learned without them. Weights that have learned from them are not unlearned.",
    footer = {
      "",
      "Example:",
      "  printf 'folder:incoming/\\tcat.jpg\\n' > ids.txt",
      "  millrace live forget runs/cam --ids ids.txt"
    })
final class LiveForget extends PlainCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(paramLabel = "RUN", description = "folder of the live run")
  private Path run;

  @Option(
      names = "--ids",
      paramLabel = "FILE",
      required = true,
      description =
          "one picture per line, UTF-8: its source's word up to the options (or the name= of a topic), a tab, and its key, such as the path in the folder; the key alone where only one source has it; or a line of JSON, {\"source\": …, \"key\": …}, for keys with line ends in them")
  private Path ids;

  @Override
  public Integer call() throws IOException {
    LiveFolder live = LiveFolder.of(run).require();
    Forget.Outcome outcome = Forget.of(live, ids(ids), Clock.systemUTC(), PATIENCE);
    List<String> lines = new ArrayList<>();
    lines.add(Say.count(outcome.forgotten().size(), "picture") + " forgotten");
    if (!outcome.waiting().isEmpty()) {
      TreeSet<Integer> chunks =
          outcome.waiting().stream()
              .map(Kept::chunk)
              .collect(Collectors.toCollection(TreeSet::new));
      lines.add(
          "%s of %s noted: they go chunk by chunk, and those of one that is being learned when it is learned, or, with --publish branch, the next one; `millrace live %s` does that"
              .formatted(
                  Say.count(outcome.waiting().size(), "picture"),
                  chunks.stream().map(c -> ChunkWords.of(c - 1)).collect(Collectors.joining(", ")),
                  run));
    }
    if (!outcome.versions().isEmpty()) {
      lines.add(
          "encoders that have learned from them: %s; their weights are not unlearned"
              .formatted(
                  outcome.versions().stream()
                      .map(version -> "version " + version)
                      .collect(Collectors.joining(", "))));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("forgotten", outcome.forgotten().stream().map(LiveForget::json).toList());
    json.put("waiting", outcome.waiting().stream().map(LiveForget::json).toList());
    json.put("unknown", outcome.unknown());
    json.put("versions", outcome.versions());
    common.print(json, lines);
    for (String id : outcome.unknown()) {
      System.err.println(
          id.replace('\t', ' ')
              + ": no picture of one source has this id; give SOURCE, a tab and KEY (duplicates and what was left out on arrival are only counted)");
    }
    return outcome.unknown().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** The ids in a file, as {@link Forget} takes them. */
  static List<String> ids(Path file) {
    try {
      return TextFile.lines(file).stream()
          .filter(line -> !line.isBlank())
          .map(LiveForget::id)
          .toList();
    } catch (IOException e) {
      throw UsageException.of("--ids", Reason.whole(e));
    }
  }

  /** What has a key by name, and a source or nothing beside it, is JSON; all else is as it is. */
  private static String id(String line) {
    if (!line.stripLeading().startsWith("{")) {
      return line;
    }
    JsonNode json;
    try {
      json = ONE_VALUE.readTree(line);
    } catch (JacksonException e) {
      return line; // a key may begin with a brace, or with such an object
    }
    boolean sourced = json.path("source").isTextual();
    return json.path("key").isTextual() && json.size() == (sourced ? 2 : 1)
        ? (sourced ? json.path("source").asText() + "\t" : "") + json.path("key").asText()
        : line;
  }

  private static Map<String, Object> json(Kept one) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("source", one.source());
    json.put("key", one.key());
    json.put("chunk", one.chunk());
    json.put("sha256", one.sha256());
    return json;
  }
}
