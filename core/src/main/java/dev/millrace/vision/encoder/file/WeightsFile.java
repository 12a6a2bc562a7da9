package dev.millrace.vision.encoder.file;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of weights as a person names it: {@code FILE}, or {@code FILE#NAME} where it has several
 * encoders, such as {@code dino.pth#student}.
 *
 * @param path of the file
 * @param chosen a part of the prefix that the encoder's names have in it; empty for the usual one
 */
public record WeightsFile(Path path, String chosen) {
  /** A file without a choice. */
  public WeightsFile(Path path) {
    this(path, "");
  }

  /** What a person's words mean; a file that has {@code #} in its own name is that file. */
  public static WeightsFile of(Path words) {
    Path last = words.getFileName();
    int hash = last == null ? -1 : last.toString().lastIndexOf('#');
    if (hash < 1 || Files.exists(words)) {
      return new WeightsFile(words);
    }
    return new WeightsFile(
        words.resolveSibling(last.toString().substring(0, hash)),
        last.toString().substring(hash + 1));
  }

  /**
   * Whether there is such a file; whether it has such an encoder is not known before it is read.
   */
  public boolean exists() {
    return Files.isRegularFile(path);
  }

  /**
   * SHA-256, hex: of the file, or, where one of its encoders was chosen, of checksum and choice.
   */
  public String sha256() throws IOException {
    String file = Sha256.of(path);
    return chosen.isEmpty() ? file : Sha256.of(file + "#" + chosen);
  }

  @Override
  public String toString() {
    return chosen.isEmpty() ? path.toString() : path + "#" + chosen;
  }
}
