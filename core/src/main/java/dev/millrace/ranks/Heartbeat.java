package dev.millrace.ranks;

import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Reason;
import dev.millrace.launch.RankWords;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.io.PrintStream;

/** What a rank's process tells who minds it, every second: that it is alive, and the steps made. */
final class Heartbeat implements RunEvent.Listener {
  private static final long MILLIS = 1000;

  private final PrintStream told;
  private volatile long steps;

  /**
   * @param told the process's stdout
   */
  Heartbeat(PrintStream told) {
    this.told = told;
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.Stepped stepped) {
      steps = stepped.position().total();
    }
  }

  /** Says that the process is ready, and from then on that it is alive. */
  void begin() {
    say(RankWords.READY);
    daemon(
        "rank-alive",
        () -> {
          while (!told.checkError()) {
            say(RankWords.ALIVE + steps);
            try {
              Thread.sleep(MILLIS);
            } catch (InterruptedException e) {
              return;
            }
          }
        });
  }

  /** Says something else. */
  void say(String line) {
    told.println(line);
    told.flush();
  }

  /**
   * Ends this process as soon as who started it is gone, with which its stdin ends.
   *
   * @param asked done for each byte that comes
   */
  static void endWithStdin(Runnable asked) {
    daemon(
        "rank-stdin",
        () -> {
          try {
            while (System.in.read() >= 0) {
              asked.run();
            }
          } catch (IOException e) {
            System.err.println("who started this rank is gone: " + Reason.of(e));
          }
          ProcessEnd.halt(RankWords.LOST);
        });
  }

  private static void daemon(String name, Runnable what) {
    Thread thread = new Thread(what, name);
    thread.setDaemon(true);
    thread.start();
  }
}
