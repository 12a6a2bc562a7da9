package dev.millrace.ranks;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Reason;
import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.recipe.Millrace;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * The process of a rank that is not the first: RUN INDEX COUNT STORE, or RUN INDEX COUNT MEETING
 * ADDRESS for one on another machine. It says on stdout that it is ready, then every second that it
 * is alive and how many steps the run has made; its stdin ends with who started it, and with it
 * this process. Signals ask all ranks for a stop.
 */
public final class RankMain {
  private RankMain() {}

  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // what it prints is English
    Heartbeat beat = new Heartbeat(System.out);
    System.setOut(System.err); // libraries may say something; it is no heartbeat
    Heartbeat.endWithStdin(() -> {});
    AtomicBoolean stop = new AtomicBoolean();
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> stop.set(true));
      } catch (IllegalArgumentException e) {
        // The JVM keeps it for itself (-Xrs); who started this process ends its stdin.
      }
    }
    int index = Integer.parseInt(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    int code;
    try {
      Compute.begin(new Device("cpu"));
      beat.begin();
      try (C10dRanks ranks = ranks(arguments, index, count)) {
        ranks.meet();
        Millrace.follow(
            Path.of(arguments[0]), Catalogue.standard(), Rendezvous.of(ranks), beat, stop::get);
      }
      code = 0;
    } catch (LostRankException e) {
      System.err.println(e.getMessage());
      code = RankWords.LOST;
    } catch (IOException e) {
      System.err.println(Reason.whole(e));
      code = 1;
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      code = 1;
    }
    ProcessEnd.halt(code);
  }

  private static C10dRanks ranks(String[] arguments, int index, int count) {
    return arguments.length > 4
        ? C10dRanks.beside(Meeting.of(arguments[3]), arguments[4], index, count)
        : C10dRanks.at(Path.of(arguments[3]), LocalRanks.HERE, index, count);
  }
}
