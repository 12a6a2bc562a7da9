package dev.millrace.launch;

import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/**
 * Ties a process to the one that started it: a byte on stdin asks for a stop, the end of stdin
 * means that the starter is gone, whatever ended it.
 */
public final class ParentWatch {
  /** A checkpoint is written after the step at hand; what takes longer than this is given up. */
  private static final long PATIENCE_SECONDS = 60;

  private ParentWatch() {}

  /**
   * Begins to watch.
   *
   * @param ask asks for a stop; may be called more than once
   */
  public static void begin(InputStream stdin, Runnable ask) {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (stdin.read() >= 0) {
                  ask.run();
                }
              } catch (IOException e) {
                System.err.println("stdin cannot be read any more: " + Reason.of(e));
              }
              System.err.println(
                  "the process that started this one is gone: stopping after this step");
              ask.run();
              try {
                TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              ProcessEnd.halt(ProcessEnd.STOPPED);
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }
}
