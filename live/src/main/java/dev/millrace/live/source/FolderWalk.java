package dev.millrace.live.source;

import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All files in a folder, with all folders in it. Links are followed, except those that lead back to
 * a folder above; what vanishes meanwhile is not there; a folder that cannot be read is noted and
 * passed over. Into hidden folders, and those that file servers keep for themselves, it does not
 * look. Used once.
 */
final class FolderWalk extends SimpleFileVisitor<Path> {
  private final Path root;
  private final SortedMap<Path, BasicFileAttributes> files = new TreeMap<>();
  private final SortedMap<Path, IOException> unreadable = new TreeMap<>();
  private long hidden;

  private FolderWalk(Path root) {
    this.root = root;
  }

  /**
   * Walks.
   *
   * @throws IOException if the folder itself cannot be read
   */
  static FolderWalk of(Path root) throws IOException {
    FolderWalk walk = new FolderWalk(root);
    Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    return walk;
  }

  /** The files, sorted by path. */
  SortedMap<Path, BasicFileAttributes> files() {
    return files;
  }

  /** What cannot be read, and why. */
  SortedMap<Path, IOException> unreadable() {
    return unreadable;
  }

  /** How many folders it did not look into, but the one of what was moved aside. */
  long hidden() {
    return hidden;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about) {
    if (!isHidden(folder)) {
      return FileVisitResult.CONTINUE;
    }
    hidden += folder.equals(root.resolve(Afterwards.TAKEN)) ? 0 : 1;
    return FileVisitResult.SKIP_SUBTREE;
  }

  private boolean isHidden(Path path) {
    return Catalogue.isHidden(DroppedName.key(root, path));
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
    if (about.isRegularFile()) {
      files.put(file, about);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    return noted(file, failure);
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
    return failure == null ? FileVisitResult.CONTINUE : noted(folder, failure);
  }

  private FileVisitResult noted(Path path, IOException failure) throws IOException {
    if (path.equals(root)) {
      throw failure;
    }
    boolean gone =
        failure instanceof NoSuchFileException || failure instanceof FileSystemLoopException;
    if (isHidden(path)) {
      hidden += gone ? 0 : 1;
    } else if (!gone) {
      unreadable.put(path, failure);
    }
    return FileVisitResult.CONTINUE;
  }
}
