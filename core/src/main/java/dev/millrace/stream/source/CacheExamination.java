package dev.millrace.stream.source;

import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads unpacked archives in the cache again and says of each whether it is as it was written.
 * Changes nothing.
 */
public final class CacheExamination {
  private static final int STEP = 1 << 20;

  private CacheExamination() {}

  /** Whether a path is an unpacked archive, or a folder that holds some. */
  public static boolean isOf(Path path) {
    return Files.isDirectory(path)
        ? !new TarCache(path).tars().isEmpty()
        : TarCache.isTar(path) && Files.isRegularFile(path);
  }

  /** Examines an unpacked archive, or all of a folder. */
  public static List<Finding> of(Path path) {
    List<Path> tars = Files.isDirectory(path) ? new TarCache(path).tars() : List.of(path);
    List<Finding> findings = new ArrayList<>();
    for (Path tar : tars) {
      String name = tar.getFileName().toString();
      try (SealedFile sealed = SealedFile.open(tar)) {
        ByteBuffer block = ByteBuffer.allocate(STEP);
        for (long at = 0; at < sealed.length(); at += block.position()) {
          sealed.read(block.clear(), at);
        }
        findings.add(Finding.ok(name, sealed.length() + " bytes, as they were unpacked"));
      } catch (SealedFile.Damaged e) {
        findings.add(
            Finding.bad(name, e.getMessage(), "delete it; its archive is then unpacked again"));
      } catch (IOException e) {
        findings.add(
            Finding.bad(
                name,
                "cannot be read: " + Reason.of(e),
                "delete it; its archive is then unpacked again"));
      }
    }
    return findings;
  }
}
