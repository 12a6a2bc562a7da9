package dev.millrace.app.shared;

import dev.millrace.refusal.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a page is written to. */
public final class PageFile {
  private PageFile() {}

  /**
   * Refuses a place that no page can have, before anything is computed for it.
   *
   * @param file null where no page is wanted
   * @throws IllegalArgumentException with what was found and what is expected
   */
  public static void check(String flag, Path file) {
    if (file == null) {
      return;
    }
    if (Files.isDirectory(file)) {
      throw new UsageException(
          flag, file, "is a folder", "give a file in it, such as " + file.resolve("page.html"));
    }
    if (!file.toString().matches("(?i).*[^/]\\.html?")) {
      throw new UsageException(
          flag, file, "would be a page of another name", "expected one that ends with .html");
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder != null && !Files.isDirectory(folder)) {
      throw UsageException.of(
          flag,
          "%s cannot be written: %s is a file, and a folder was expected".formatted(file, folder));
    }
  }
}
