package dev.millrace.file;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Why reading or writing failed, in words. Java's file exceptions name the file as their message
 * and leave the reason to their class, so {@code getMessage()} by itself tells a reader nothing.
 */
public final class Reason {
  private Reason() {}

  /** A whole sentence: the file, what is wrong, and the mend. */
  public static String sentence(FileSystemException failure) {
    String file = failure.getFile();
    if (failure instanceof NotDirectoryException || isBelowAFile(failure)) {
      return file + ": on the way there is a file where a folder is needed; give another path";
    }
    if (failure instanceof NoSuchFileException) {
      return file + " does not exist; check the path";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return file + " is a file where a folder is needed; give another path";
    }
    if (failure instanceof AccessDeniedException) {
      return file + " may not be read or written by this user; change its permissions";
    }
    return file + ": " + of(failure);
  }

  /** The system has a reason for it, and no class; its words are in the language of the locale. */
  private static boolean isBelowAFile(FileSystemException failure) {
    if (failure.getReason() == null || failure.getFile() == null) {
      return false;
    }
    Path above = Path.of(failure.getFile()).toAbsolutePath().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above != null && !Files.isDirectory(above);
  }

  /**
   * The failure with the file's name in its words: what reading and writing of an open file throws
   * says "Input/output error" and no more.
   */
  public static IOException named(Path file, IOException failure) {
    String message = failure.getMessage();
    if (failure instanceof FileSystemException
        || message != null && message.contains(String.valueOf(file.getFileName()))) {
      return failure;
    }
    return new IOException(file + ": " + of(failure), failure);
  }

  /**
   * A sentence that names the file, for a message that does not: {@link #sentence} of a failure of
   * the file system, and of all else what it says itself; never null.
   */
  public static String whole(Throwable failure) {
    return failure instanceof FileSystemException refused ? sentence(refused) : of(failure);
  }

  /** A few words without the file, for a message that names it already; never null. */
  public static String of(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return "this user may not read or write it";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the folder is not empty";
    }
    if (failure instanceof NotDirectoryException) {
      return "it is no folder";
    }
    if (failure instanceof FileSystemLoopException) {
      return "a link leads back to a folder above it";
    }
    if (failure instanceof FileSystemException named && named.getReason() != null) {
      return named.getReason();
    }
    if (failure instanceof CharacterCodingException) {
      return "it holds bytes that are no UTF-8 text";
    }
    if (failure instanceof java.io.EOFException) {
      return "it ends too early";
    }
    String message = failure.getMessage();
    if (failure instanceof OutOfMemoryError) {
      return message != null && message.contains("native thread")
          ? "the system gives this process no more threads, or no memory for one"
          : "the Java heap is too small for it";
    }
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
