package dev.millrace.stream.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file that pictures of a packed set lie in.
 *
 * @param file where it lies, absolute
 * @param size in bytes, as it was when it was looked at
 * @param modified in milliseconds since 1970, likewise
 */
record Origin(Form form, String file, long size, long modified) {
  /** How the bytes lie in it. */
  enum Form {
    /** As stretches of the file. */
    PLAIN,
    /** As stretches of the tar that it unpacks to in the cache. */
    COMPRESSED_TAR,
    /** In pages of a Parquet file that are decompressed to the cache. */
    PAGES,
    /** As files of their own below a folder, called as the pictures are. */
    FOLDER
  }

  /** A file as it is now. */
  static Origin of(Form form, Path file) throws IOException {
    Path place = file.toAbsolutePath().normalize();
    return new Origin(
        form,
        place.toString(),
        form == Form.FOLDER ? 0 : Files.size(place),
        form == Form.FOLDER ? 0 : Files.getLastModifiedTime(place).toMillis());
  }

  /** Places in a file that has changed mean nothing any more. */
  static final class Changed extends IOException {
    private static final long serialVersionUID = 1;

    Changed(String file) {
      super(file + " changed since it was listed; bring it back, or start again");
    }
  }

  /** The same file, with its bytes lying otherwise. */
  Origin lying(Form other) {
    return new Origin(other, file, size, modified);
  }

  /**
   * Looks at the file again; of a folder, nothing is known.
   *
   * @throws Changed if it has another size or time
   * @throws FileNotFoundException if it is gone
   */
  void requireUnchanged() throws IOException {
    try {
      if (form != Form.FOLDER && !isSame(of(form, path()))) {
        throw new Changed(file);
      }
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException(file + " is no longer there; bring it back");
    }
  }

  Path path() {
    return Path.of(file);
  }

  /** Whether it is the same file, unchanged, however its bytes lie. */
  boolean isSame(Origin other) {
    return file.equals(other.file) && size == other.size && modified == other.modified;
  }
}
