package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.function.BooleanSupplier;

/** What a folder holds, links followed: what they lead to belongs to the set. */
final class Folder implements FileVisitor<Path> {
  private final Path top;
  private final Entries entries;
  private final BooleanSupplier stop;

  /** The path of the folder that is walked, with a slash at its end; the top's is empty. */
  private final Deque<String> within = new ArrayDeque<>();

  private Folder(Path top, BooleanSupplier stop) {
    this.top = top;
    this.stop = stop;
    entries = Entries.onDisk(top.toString(), stop);
  }

  /**
   * Lists a folder.
   *
   * @param stop asked now and then; true ends the listing
   * @throws IllegalArgumentException if it holds something that can neither be listed nor left out
   * @throws IOException if a part of it cannot be read
   */
  static Listing list(Path folder, BooleanSupplier stop) throws IOException {
    Folder walk = new Folder(folder, stop);
    Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    return walk.entries.listing();
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about)
      throws IOException {
    Listing.heed(stop);
    if (folder.equals(top)) {
      within.push("");
      return FileVisitResult.CONTINUE;
    }
    Entries.Name name = name(folder);
    if (Entries.hidden(name)) {
      entries.leaveOut(LeftOut.Kind.HIDDEN, name);
      return FileVisitResult.SKIP_SUBTREE;
    }
    entries.folder(name);
    within.push(name.raw() + "/");
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes about) throws IOException {
    Listing.heed(stop);
    Entries.Name name = name(file);
    if (about.isRegularFile()) {
      entries.file(name, new BoundedBytes.OfFile(file, about.size()));
    } else if (about.isSymbolicLink()) {
      dead(file, name);
    } else {
      entries.leaveOut(LeftOut.Kind.SPECIAL, name);
    }
    return FileVisitResult.CONTINUE;
  }

  private void dead(Path file, Entries.Name name) {
    if (Listing.picture(name.raw()) || Archive.named(name.raw())) {
      // Met again, by name, when pictures are checked or archives opened.
      entries.file(name, new BoundedBytes.OfFile(file, dev.millrace.stream.Image.UNKNOWN));
    } else if (Entries.hidden(name)) {
      entries.leaveOut(LeftOut.Kind.HIDDEN, name);
    } else if (Listing.surelyNoPicture(name.raw())) {
      entries.leaveOut(LeftOut.Kind.DEAD_LINK, name);
    } else {
      throw deadLink(file);
    }
  }

  /** Refuses a link behind which a part of the set may have been. */
  static UsageException deadLink(Path file) {
    return UsageException.ofWord(
        file
            + " is a link that leads nowhere, expected a folder or file behind it; mend or remove"
            + " the link");
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    if (!file.equals(top)) {
      Entries.Name name = name(file);
      if (Entries.hidden(name)) {
        entries.leaveOut(LeftOut.Kind.HIDDEN, name);
        return FileVisitResult.CONTINUE;
      }
    }
    throw failed(file, e);
  }

  /**
   * What to say of a place that cannot be walked into.
   *
   * @throws IllegalArgumentException if it is a link back to a folder that it lies in
   */
  static IOException failed(Path file, IOException e) {
    if (e instanceof FileSystemLoopException) {
      throw UsageException.ofWord(
          file
              + " is a link back to a folder that it lies in, so the pictures would have no"
              + " end; remove the link");
    }
    return new IOException(file + " cannot be read: " + Reason.of(e), e);
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
    within.pop();
    if (e != null) {
      throw new IOException(folder + " cannot be read: " + Reason.of(e), e);
    }
    return FileVisitResult.CONTINUE;
  }

  private Entries.Name name(Path file) {
    return new Entries.Name(within.peek() + PathText.raw(file.getFileName()), false);
  }

  /** A folder's or file's own name, as all of a set's are. */
  static String nameOf(Path file) {
    return SetPath.normal(PathText.name(file));
  }
}
