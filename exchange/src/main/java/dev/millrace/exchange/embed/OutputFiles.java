package dev.millrace.exchange.embed;

import dev.millrace.file.Seal;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of vectors, and what lies beside it under names of ours.
 *
 * @param out the file itself
 */
record OutputFiles(Path out) {
  /** Where the vectors of an unfinished file are. */
  Path unfinished() {
    return VectorWriter.behind(out, ".unfinished");
  }

  /** Where vectors are kept for a later call. */
  Path vectors() {
    return VectorWriter.behind(out, ".vectors");
  }

  /** Where the pictures without a row are listed. */
  Path quarantine() {
    return VectorWriter.behind(out, ".quarantine.jsonl");
  }

  /** The folder of all of them. */
  Path folder() {
    return out.toAbsolutePath().getParent();
  }

  /**
   * Refuses to write over a file.
   *
   * @throws IllegalArgumentException if the file itself is there
   */
  void requireFree() {
    if (Files.exists(out)) {
      throw UsageException.of(
          "--out",
          out
              + " exists already; choose a file that does not, or remove it"
              + (Files.exists(vectors())
                  ? "; or give --keep-vectors to bring it up to its sets"
                  : ""));
    }
  }

  /**
   * Refuses kept vectors that are not as they were written.
   *
   * @throws IOException if they are damaged
   */
  void requireVectors() throws IOException {
    Seal.beside(out)
        .require(vectors().toAbsolutePath(), "remove it and %s, then embed again".formatted(out));
  }

  /** Forgets the checksums: what is written next is unsealed until all of it is there. */
  void unseal() throws IOException {
    Files.deleteIfExists(Seal.recordOf(out));
  }

  /** Writes down the checksums, as {@code sha256sum -c} and {@code millrace doctor} read them. */
  void seal(VectorWriter writer, boolean withVectors) throws IOException {
    unseal();
    List<Path> files = new ArrayList<>(writer.beside(out));
    files.add(out);
    files.add(quarantine());
    if (withVectors) {
      files.add(vectors());
    }
    Seal.beside(out).add(files.toArray(Path[]::new));
  }
}
