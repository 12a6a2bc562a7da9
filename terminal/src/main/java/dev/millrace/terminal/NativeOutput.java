package dev.millrace.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What native libraries write to the process's stdout beside us: Gloo says there who is connected,
 * and nobody who reads one line of JSON expects it. Not thread-safe.
 */
public final class NativeOutput {
  private static boolean ours;

  private NativeOutput() {}

  /** Says that this is a command's process, and not that of a program that calls us. */
  public static void ofThisCommand() {
    ours = true;
  }

  /**
   * Lets what native libraries write to stdout from now on go nowhere, in a command's process and
   * where the system gives a second way to stdout; {@code System.out} stays what it is. Elsewhere
   * all stays, and in a file, whose end whoever writes there after us would not know.
   */
  public static void mute() {
    Path stdout = Path.of("/dev/fd/1");
    if (!ours || !Files.exists(stdout) || Files.isRegularFile(stdout)) {
      return;
    }
    ours = false; // once
    System.out.flush();
    try {
      FileOutputStream second = new FileOutputStream(stdout.toFile(), true);
      // The JDK never closes descriptors 0 to 2: it leads them to /dev/null.
      new FileOutputStream(FileDescriptor.out).close();
      System.setOut(new PrintableStream(new PrintStream(second, true, encoding())));
    } catch (IOException e) {
      return; // a socket cannot be opened twice: then their lines stand before ours
    }
  }

  private static Charset encoding() {
    String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
    return name == null ? Charset.defaultCharset() : Charset.forName(name);
  }
}
