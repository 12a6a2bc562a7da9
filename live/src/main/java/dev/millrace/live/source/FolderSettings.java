package dev.millrace.live.source;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a folder is read. Immutable.
 *
 * @param folder which one
 * @param after what is done with a file when its pictures are on disk
 * @param settle how long a file must be unchanged to be taken for whole; 0 where files are only
 *     renamed into place
 * @param labels whether the first folder on a picture's path is its class
 */
public record FolderSettings(Path folder, After after, Duration settle, boolean labels) {
  /** What is done with a file when its pictures are on disk. */
  public enum After {
    /** It stays; its size and time are remembered. */
    KEEP,
    /** It is moved to {@code .taken} in the folder. */
    MOVE,
    /** It is deleted. */
    DELETE
  }
}
