package dev.millrace.ranks;

import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;

/** Ranks as threads of one process, each with a network and collectives of its own. */
final class ThreadRanks implements Rendezvous, AutoCloseable {
  private final int count;
  private final List<FutureTask<Boolean>> others = new ArrayList<>();
  private C10dRanks ranks;

  ThreadRanks(int count) {
    this.count = count;
  }

  static RunEvent.Listener losses(List<Double> losses) {
    return event -> {
      if (event instanceof RunEvent.Stepped stepped) {
        losses.add(stepped.loss());
      }
    };
  }

  static Millrace.Outcome pretrain(
      Settings settings, int ranks, Path out, RunEvent.Listener listener, BooleanSupplier stop)
      throws Exception {
    try (ThreadRanks met = new ThreadRanks(ranks)) {
      return Millrace.pretrain(
          settings.with("ranks", ranks), Catalogue.standard(), out, met, listener, stop);
    }
  }

  static Millrace.Outcome resume(
      Path run, int ranks, RunEvent.Listener listener, BooleanSupplier stop) throws Exception {
    try (ThreadRanks met = new ThreadRanks(ranks)) {
      return Millrace.resume(
          run,
          Catalogue.standard(),
          Resumption.unchanged().with("ranks", ranks),
          met,
          listener,
          stop);
    }
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Ranks meet(Path run) throws IOException {
    if (ranks == null) {
      Path store = Path.of(Files.createTempDirectory("ranks").toString(), "store");
      ranks = C10dRanks.at(store, "127.0.0.1", 0, count);
      for (int index = 1; index < count; index++) {
        int which = index;
        FutureTask<Boolean> other = new FutureTask<>(() -> follow(run, store, which));
        others.add(other);
        new Thread(other, "rank-" + index).start();
      }
      ranks.meet();
    }
    return ranks;
  }

  private boolean follow(Path run, Path store, int index) throws Exception {
    try (C10dRanks own = C10dRanks.at(store, "127.0.0.1", index, count)) {
      own.meet();
      return Millrace.follow(
          run, Catalogue.standard(), Rendezvous.of(own), event -> {}, () -> false);
    }
  }

  /** Waits for the others, whose failures come here. */
  @Override
  public void close() throws Exception {
    if (ranks != null) {
      ranks.close();
    }
    for (FutureTask<Boolean> other : others) {
      try {
        other.get();
      } catch (java.util.concurrent.ExecutionException e) {
        if (!(e.getCause() instanceof LostRankException)) {
          throw e;
        }
      }
    }
  }
}
