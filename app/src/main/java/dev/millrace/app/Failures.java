package dev.millrace.app;

import dev.millrace.file.Reason;
import dev.millrace.learn.run.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.util.Locale;

/** Why a command failed, in a sentence with the mend, and without a trace. */
final class Failures {
  private Failures() {}

  /**
   * The sentence.
   *
   * @param debug whether a trace was printed already
   */
  static String words(Throwable failure, boolean debug) {
    OutOfMemoryError full = outOfMemory(failure);
    if (full != null) {
      return outOfMemory(failure, full);
    }
    String message =
        failure instanceof FileSystemException refused
            ? Reason.sentence(refused)
            : failure instanceof CharacterCodingException
                ? Reason.of(failure)
                : failure.getMessage();
    boolean told =
        failure instanceof IllegalArgumentException
            || failure instanceof IOException
            || failure instanceof UncheckedIOException
            || failure instanceof DivergedException;
    if (told && message != null) {
      return message;
    }
    String words = String.valueOf(message);
    if (words.contains("CUDA out of memory")) {
      return first(failure) + "; lower --batch, --size or --width";
    }
    // libtorch's words are followed by a native trace.
    if (words.contains("not enough memory")) {
      return "out of memory: "
          + words.replaceAll("(?s)^.*?(you tried to allocate \\d+ bytes).*$", "$1")
          + " at once; lower --batch, --size, --width or --queue";
    }
    if (failure instanceof LinkageError) {
      return first(failure) + "; `millrace doctor` says what is needed";
    }
    return (debug ? failure.toString() : first(failure))
        + (debug ? "" : "; run it again with --debug to see where it failed");
  }

  private static String first(Throwable failure) {
    return failure.toString().lines().findFirst().orElse("");
  }

  private static OutOfMemoryError outOfMemory(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof OutOfMemoryError full) {
        return full;
      }
    }
    return null;
  }

  /** What failed may have been named by whoever caught it first. */
  private static String outOfMemory(Throwable failure, OutOfMemoryError full) {
    boolean named = failure instanceof IOException || failure instanceof IllegalArgumentException;
    String heap = String.valueOf(full.getMessage());
    boolean threads = heap.contains("native thread");
    return (named && failure.getMessage() != null ? failure.getMessage() + ": " : "")
        + (threads
            ? "the system gives no more threads; lower --threads"
            : String.format(
                Locale.ROOT,
                "out of memory: the Java heap of %.1f GiB is full; raise it, as MILLRACE_JAVA_OPTIONS=-Xmx%dg, or lower --threads, each of which may hold a picture",
                Runtime.getRuntime().maxMemory() / (double) (1L << 30),
                Math.max(2, (2 * Runtime.getRuntime().maxMemory()) >> 30)));
  }
}
