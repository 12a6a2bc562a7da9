package dev.millrace.recipe;

import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.Plan;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;

/** How a run's batches are shared out: into parts that are normalised by themselves, and ranks. */
final class Sharing {
  private Sharing() {}

  /** Settings whose parts are decided: as many as ranks, where nothing else was asked for. */
  static Settings decided(Settings settings) {
    return settings.training().normParts() > 1 || settings.training().syncBatchnorm()
        ? settings
        : settings.training(t -> t.normParts(settings.machine().ranks()));
  }

  /**
   * Refuses what does not divide, in any chunk.
   *
   * @throws UsageException naming the flag and the mend
   */
  static void check(Settings settings, int chunks) {
    int ranks = settings.machine().ranks();
    int parts = settings.training().syncBatchnorm() ? ranks : settings.training().normParts();
    if (parts % ranks != 0) {
      throw UsageException.of(
          "--ranks",
          "%d: batches of this run are normalised in %d parts, which %d processes cannot share out; give one of %s"
              .formatted(ranks, parts, ranks, divisors(parts)));
    }
    for (int c = 0; c < chunks; c++) {
      Settings own = settings.ofChunk(c);
      int batch = own.training().batch();
      if (parts > 1 && (batch % parts != 0 || batch / parts < Plan.LEAST)) {
        throw UsageException.of(
            ranks > 1 ? "--ranks" : "--norm-parts",
            "%d: --batch %d does not divide into %d parts of %d pictures or more; give a --batch that does, %d say"
                .formatted(
                    ranks > 1 ? ranks : parts,
                    batch,
                    parts,
                    Plan.LEAST,
                    Math.max(Plan.LEAST, batch / parts) * parts));
      }
      if (ranks > 1 && MachineChoice.device(own).cuda()) {
        throw UsageException.of(
            "--ranks",
            "%d on --device %s: ranks compute on processors only; leave one of them out"
                .formatted(ranks, own.machine().device()));
      }
    }
  }

  /**
   * Refuses a run of several ranks to a caller that has not started them.
   *
   * @throws UsageException saying how they are started
   */
  static void require(Settings settings, Rendezvous rendezvous) {
    if (settings.machine().ranks() != rendezvous.count()) {
      throw UsageException.of(
          "--ranks",
          "%d: this call has %d; it takes the processes that share a run's batches out from dev.millrace.ranks.LocalRanks, as pretrain, resume and extend do"
              .formatted(settings.machine().ranks(), rendezvous.count()));
    }
  }

  /**
   * Refuses sets of the program's own that ranks would have to read and cannot.
   *
   * @param chunk the first that is still to be learned, from 0
   * @throws UsageException naming the set and the mend
   */
  static void requireReadable(Settings settings, int chunk, Rendezvous rendezvous) {
    if (rendezvous.sharesProgram()) {
      return;
    }
    for (String set : Sources.from(settings, chunk)) {
      if (Catalogue.isOwn(set)) {
        throw UsageException.of(
            "--ranks",
            "%d: %s is a set of this program, which other processes cannot read; give ranks(1), or write the set to a folder or tars that they can"
                .formatted(settings.machine().ranks(), set));
      }
    }
  }

  private static String divisors(int parts) {
    StringBuilder words = new StringBuilder("1");
    for (int d = 2; d <= parts; d++) {
      if (parts % d == 0) {
        words.append(", ").append(d);
      }
    }
    return words.toString();
  }
}
