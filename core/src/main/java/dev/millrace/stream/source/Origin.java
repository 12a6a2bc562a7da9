package dev.millrace.stream.source;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file that pictures of a packed set lie in.
 *
 * @param file where it lies, absolute and in letters; of another machine with its scheme
 * @param size in bytes, as it was when it was looked at
 * @param modified in milliseconds since 1970, likewise
 * @param version of a file of another machine, likewise; null else
 * @param uri where it lies, if its letters do not lead there, as those of a name that is not UTF-8;
 *     null else
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Origin(Form form, String file, long size, long modified, String version, String uri) {
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
    String text = PathText.of(place);
    return new Origin(
        form,
        text,
        form == Form.FOLDER ? 0 : Files.size(place),
        form == Form.FOLDER ? 0 : Files.getLastModifiedTime(place).toMillis(),
        null,
        PathText.path(text).equals(place) ? null : place.toUri().toString());
  }

  /** A file of another machine. */
  static Origin of(RemoteStore.Found file) {
    return new Origin(Form.PLAIN, file.place(), file.size(), file.modified(), file.version(), null);
  }

  /** A folder of another machine. */
  static Origin remoteFolder(String place) {
    return new Origin(Form.FOLDER, place, 0, 0, null, null);
  }

  boolean remote() {
    return RemoteStore.isPlace(file);
  }

  /** The last step of its path. */
  String name() {
    return file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  }

  /** Places in a file that has changed mean nothing any more. */
  static final class Changed extends SourceException {
    private static final long serialVersionUID = 1;

    Changed(String file) {
      super(file + " changed since it was listed; bring it back, or start again");
    }
  }

  /** The same file, with its bytes lying otherwise. */
  Origin lying(Form other) {
    return new Origin(other, file, size, modified, version, uri);
  }

  /**
   * Looks at the file again; of a folder, nothing is known.
   *
   * @throws Changed if it has another size or time
   * @throws SourceException if it is gone
   */
  void requireUnchanged() throws IOException {
    if (remote()) {
      return; // each read asks for the version that was listed
    }
    try {
      if (form != Form.FOLDER && !isSame(of(form, path()))) {
        throw new Changed(file);
      }
    } catch (NoSuchFileException e) {
      throw new SourceException(file + " is no longer there; bring it back", e);
    }
  }

  Path path() {
    return uri == null ? PathText.path(file) : Path.of(URI.create(uri));
  }

  /** Whether it is the same file, unchanged, however its bytes lie. */
  boolean isSame(Origin other) {
    return file.equals(other.file)
        && size == other.size
        && modified == other.modified
        && Objects.equals(version, other.version)
        && Objects.equals(uri, other.uri);
  }
}
