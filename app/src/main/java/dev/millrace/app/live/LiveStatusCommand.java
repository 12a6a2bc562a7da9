package dev.millrace.app.live;

import dev.millrace.app.shared.OutputFlags;
import dev.millrace.app.shared.PlainCommand;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Gap;
import dev.millrace.live.drift.DriftLog;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what became of every picture that was offered. */
@Command(
    name = "status",
    sortOptions = false,
    description = "Says what became of every picture that was offered.")
final class LiveStatusCommand extends PlainCommand implements Callable<Integer> {
  /** How many chunks are shown. */
  private static final int LAST = 10;

  @Parameters(paramLabel = "RUN", description = "folder of the live run")
  private Path run;

  @Override
  public Integer call() throws IOException {
    print(common, LiveFolder.of(run));
    return 0;
  }

  static void print(OutputFlags common, LiveFolder folder) throws IOException {
    LiveStatus status = LiveStatus.of(folder);
    List<String> lines = new ArrayList<>();
    status
        .json()
        .forEach((name, value) -> lines.add("%-16s %s".formatted(name.replace('_', ' '), value)));
    lines.add("%-16s %d".formatted("near, counted", status.counts().near()));
    lines.add("%-16s %d".formatted("new versions", status.counts().versions()));
    lines.add("%-16s %d".formatted("checksums let go", status.counts().evicted()));
    List<ChunkRecord> chunks = LiveStatus.chunks(folder);
    if (chunks.size() > LAST) {
      lines.add("the last %d of %d chunks:".formatted(LAST, chunks.size()));
    }
    for (ChunkRecord chunk : chunks.subList(Math.max(0, chunks.size() - LAST), chunks.size())) {
      lines.add(
          "%-16s %d pictures, closed by %s, %s"
              .formatted(
                  ChunkWords.of(chunk.number() - 1), chunk.pictures(), chunk.rule(), phase(chunk)));
    }
    drift(folder).ifPresent(lines::add);
    for (Gap gap : status.gaps()) {
      lines.add(
          "gap: %s %s from %d to %d, %d missing"
              .formatted(gap.source(), gap.part(), gap.from(), gap.to(), gap.missing()));
    }
    common.print(status.json(), lines);
  }

  /** What the last window of pictures looked like; nothing where drift was not looked for. */
  private static Optional<String> drift(LiveFolder folder) throws IOException {
    List<DriftLog.Window> windows = DriftLog.of(folder).last();
    if (windows.isEmpty()) {
      return Optional.empty();
    }
    DriftLog.Window last = windows.get(windows.size() - 1);
    Optional<DriftLog.Window> alarm =
        windows.stream().filter(DriftLog.Window::alarm).reduce((one, other) -> other);
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%-16s p %.3g at picture %d, %s",
            "drift",
            last.score(),
            last.picture(),
            alarm
                .map(
                    one ->
                        "the last alarm at picture %d in %s"
                            .formatted(one.picture(), ChunkWords.of(one.chunk() - 1)))
                .orElse("no alarm")));
  }

  private static String phase(ChunkRecord chunk) {
    if (chunk.isPassedOver()) {
      return "passed over: too few pictures are left";
    }
    if (chunk.phase() == ChunkRecord.Phase.SET_ASIDE) {
      return "set aside: its encoder was worse" + (chunk.bytes() > 0 ? "" : ", its file is gone");
    }
    return chunk.phase() != ChunkRecord.Phase.LEARNED
        ? "not learned yet"
        : chunk.bytes() > 0 ? "learned" : "learned, its file is gone";
  }
}
