package dev.millrace.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Live runs that learn in seconds, and the given streams that they are to equal. */
final class TinyLive {
  private TinyLive() {}

  /** How chunks are learned; a checkpoint every few steps, so that kills find some. */
  static List<String> learning(int epochs, int checkpointSteps, String... more) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--width", "4", "--size", "16", "--batch", "16", "--queue", "32"));
    flags.addAll(List.of("--epochs", Integer.toString(epochs), "--threads", "1"));
    flags.addAll(List.of("--checkpoint-steps", Integer.toString(checkpointSteps)));
    flags.addAll(List.of(more));
    return List.copyOf(flags);
  }

  /** The command of a live run. */
  static String[] line(
      Path run, List<String> sources, int chunk, List<String> learning, String... more) {
    List<String> line = new ArrayList<>(List.of("live", run.toString()));
    sources.forEach(source -> line.addAll(List.of("--source", source)));
    line.addAll(List.of("--close", "count=" + chunk));
    line.addAll(learning);
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  /** As a careful producer does: written beside, and renamed into place. */
  static void drop(Path folder, String name, byte[] bytes) throws IOException {
    Path beside = folder.resolve("." + name);
    Files.write(beside, bytes);
    Files.move(beside, folder.resolve(name + ".png"), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The checksum of the encoder that a given stream over the run's closed chunks ends with.
   *
   * @param folder for the chunks and the stream's run
   */
  static String given(Path folder, Path run, List<String> learning) throws Exception {
    Path chunks = folder.resolve("chunks");
    Command.done("live", "export-chunks", run.toString(), chunks.toString());
    List<String> pretrain = new ArrayList<>(List.of("pretrain", "--stream", "given", "--data"));
    try (Stream<Path> files = Files.list(chunks)) {
      pretrain.add(String.join(",", files.map(Path::toString).sorted().toList()));
    }
    pretrain.addAll(List.of("--out", folder.resolve("given").toString()));
    pretrain.addAll(learning);
    Command.done(pretrain.toArray(String[]::new));
    return Tiny.sha256(folder.resolve("given"));
  }
}
