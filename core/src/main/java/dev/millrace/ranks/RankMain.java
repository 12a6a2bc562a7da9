package dev.millrace.ranks;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Reason;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.recipe.Millrace;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * The process of a rank that is not the first: RUN INDEX COUNT STORE. It says on stdout that it is
 * ready, then every second that it is alive; its stdin ends with the first rank's process, and with
 * it this one. Signals ask all ranks for a stop.
 */
public final class RankMain {
  /** The exit code of a rank that ends because another is gone. */
  static final int LOST = 75;

  static final String READY = "ready";
  static final String ALIVE = "alive";
  private static final long BEAT_MILLIS = 1000;

  private RankMain() {}

  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    PrintStream told = System.out;
    System.setOut(System.err); // libraries may say something; it is no heartbeat
    endWithTheFirst();
    AtomicBoolean stop = new AtomicBoolean();
    Signal.handle(new Signal("INT"), signal -> stop.set(true));
    Signal.handle(new Signal("TERM"), signal -> stop.set(true));
    int index = Integer.parseInt(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    Path store = Path.of(arguments[3]);
    int code;
    try {
      Compute.begin(new Device("cpu"));
      told.println(READY);
      told.flush();
      beat(told);
      follow(Path.of(arguments[0]), index, count, store, stop);
      code = 0;
    } catch (LostRankException e) {
      System.err.println(e.getMessage());
      code = LOST;
    } catch (IOException e) {
      System.err.println(Reason.whole(e));
      code = 1;
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      code = 1;
    }
    ProcessEnd.halt(code);
  }

  private static void follow(Path run, int index, int count, Path store, AtomicBoolean stop)
      throws IOException {
    try (C10dRanks ranks = C10dRanks.at(store, LocalRanks.HERE, index, count)) {
      ranks.meet();
      Millrace.follow(run, Catalogue.standard(), Rendezvous.of(ranks), stop::get);
    }
  }

  private static void endWithTheFirst() {
    daemon(
        "rank-stdin",
        () -> {
          try {
            while (System.in.read() >= 0) {
              Thread.onSpinWait();
            }
          } catch (IOException e) {
            System.err.println("the first rank is gone: " + Reason.of(e));
          }
          ProcessEnd.halt(LOST);
        });
  }

  private static void beat(PrintStream told) {
    daemon(
        "rank-alive",
        () -> {
          while (!told.checkError()) {
            told.println(ALIVE);
            told.flush();
            try {
              Thread.sleep(BEAT_MILLIS);
            } catch (InterruptedException e) {
              return;
            }
          }
        });
  }

  private static void daemon(String name, Runnable what) {
    Thread thread = new Thread(what, name);
    thread.setDaemon(true);
    thread.start();
  }
}
