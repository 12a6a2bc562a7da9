package dev.millrace.app.live;

import dev.millrace.app.shared.PlainCommand;
import dev.millrace.file.AtomicFiles;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the closed chunks to a folder, as tars in their order. */
@Command(
    name = "export-chunks",
    sortOptions = false,
    description =
        "Writes the closed chunks to a folder as tars in their order: `millrace pretrain --stream given` over them makes the live run's encoder, to the bit. Those that were set aside are left out.")
final class LiveExportChunks extends PlainCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RUN", description = "folder of the live run")
  private Path run;

  @Parameters(index = "1", paramLabel = "DIR", description = "folder for the tars; made if missing")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    LiveFolder live = LiveFolder.of(run);
    List<String> files = new ArrayList<>();
    List<Integer> gone = new ArrayList<>();
    List<Integer> aside = new ArrayList<>();
    AtomicFiles.folders(folder);
    for (ChunkRecord chunk : LiveStatus.chunks(live)) {
      if (chunk.phase() == ChunkRecord.Phase.SET_ASIDE) {
        aside.add(chunk.number());
        continue;
      }
      Path from = live.chunk(chunk.number());
      if (chunk.isPassedOver() || chunk.bytes() == 0) {
        gone.add(chunk.number());
        continue;
      }
      if (!Files.exists(from)) {
        throw UsageException.ofWord(
            from + " is not there any more; the chunks before it are in " + folder);
      }
      Path to = folder.resolve(from.getFileName());
      AtomicFiles.copy(from, to);
      files.add(to.toString());
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        files.isEmpty() && gone.isEmpty() && aside.isEmpty()
            ? "no chunk is closed yet: nothing was written"
            : Say.count(files.size(), "chunk") + " written to " + folder);
    for (int chunk : gone) {
      lines.add(
          ChunkWords.of(chunk - 1)
              + " is gone: its pictures were forgotten, or it was let go by --keep-bytes or --keep-for");
    }
    for (int chunk : aside) {
      lines.add(
          ChunkWords.of(chunk - 1) + " is set aside: what was learned from it was taken back");
    }
    common.print(Map.of("chunks", files, "gone", gone, "set_aside", aside), lines);
    return 0;
  }
}
