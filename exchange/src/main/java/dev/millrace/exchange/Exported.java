package dev.millrace.exchange;

import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was made of a run's encoder and lies in the run's folder: models, embeddings, indexes. Each
 * names its encoder's checksum somewhere in its bytes; after an extension it is of an encoder
 * before the present one.
 */
public final class Exported {
  private static final byte[] KEY = "encoder_sha256".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INDEX_KEY = "encoder-sha256".getBytes(StandardCharsets.US_ASCII);
  private static final int BLOCK = 1 << 20;

  private Exported() {}

  /** Whether a file's name is one that models and embeddings have. */
  private static boolean candidate(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".onnx")
        || name.endsWith(".pt")
        || name.startsWith("model") && name.endsWith(".safetensors")
        || name.endsWith(".parquet")
        || name.endsWith(".npy.json")
        || name.endsWith(".jsonl.json");
  }

  /**
   * Files and indexes in a run's folder that are of an encoder before its present one; none of a
   * run that has no encoder yet.
   *
   * @throws IOException if a file cannot be read
   */
  public static List<Path> older(Path run) throws IOException {
    RunFolder folder = RunFolder.of(run);
    Path encoder = folder.encoder();
    List<Path> older = new ArrayList<>();
    if (!Files.isRegularFile(encoder)) {
      return older;
    }
    byte[] present = Sha256.of(encoder).getBytes(StandardCharsets.US_ASCII);
    for (Path file : files(run)) {
      if (Files.isRegularFile(file) && candidate(file) && isOther(file, KEY, present)) {
        older.add(shown(file));
      }
    }
    for (Path index : files(folder.search())) {
      for (Path file : files(index)) {
        if (file.getFileName().toString().startsWith("segments_")
            && isOther(file, INDEX_KEY, present)) {
          older.add(index);
        }
      }
    }
    return older;
  }

  /** An embedding is the file itself, not what lies beside it. */
  private static Path shown(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".json")
        ? file.resolveSibling(name.substring(0, name.length() - ".json".length()))
        : file;
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** The name under which a run's examination reports it. */
  public static List<Finding> findings(Path run) throws IOException {
    List<Finding> findings = new ArrayList<>();
    try {
      for (Path file : older(run)) {
        findings.add(
            Finding.ok(
                run.relativize(file).toString(),
                "of an encoder before the run's present one; make it anew to have the present one's"));
      }
    } catch (IOException e) {
      findings.add(Finding.bad("exports", "cannot be read: " + Reason.of(e), "make them anew"));
    }
    return findings;
  }

  /** Whether a file of a run's folder is of another encoder than the present one. */
  public static boolean isOfOther(Path file, String encoderSha256) throws IOException {
    return isOther(file, KEY, encoderSha256.getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether a file names an encoder, and not this one. */
  private static boolean isOther(Path file, byte[] key, byte[] sha256) throws IOException {
    boolean names = false;
    byte[] block = new byte[BLOCK];
    int kept = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(block, 0, BLOCK); n >= 0; n = in.read(block, kept, BLOCK - kept)) {
        int length = kept + n;
        names |= holds(block, length, key);
        if (holds(block, length, sha256)) {
          return false;
        }
        // What stands across two blocks is found in the next.
        kept = Math.min(length, sha256.length - 1);
        System.arraycopy(block, length - kept, block, 0, kept);
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    return names;
  }

  private static boolean holds(byte[] block, int length, byte[] wanted) {
    int last = length - wanted.length;
    for (int at = 0; at <= last; at++) {
      int i = 0;
      while (i < wanted.length && block[at + i] == wanted[i]) {
        i++;
      }
      if (i == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
