package dev.millrace.live.gate;

import dev.millrace.live.Candidate;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.live.encoder.Decision;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The gate of a live run. Without a labelled set it judges by pictures that neither encoder has
 * learned: closed chunks that still wait. Where none wait, by the last chunks before the
 * champion's, which both have learned, neither of them last. Where none are left, as for the first
 * two encoders, only by whether the features are alive. Not thread-safe.
 */
public final class GateTaker implements Candidate.Taker {
  /** Chunks that pictures are drawn from; opening one reads its names. */
  private static final int CHUNKS = 8;

  private static final Judgement NO_PICTURES =
      new Judgement(
          Verdict.UNDECIDED,
          List.of(
              "no learned chunk is left to judge by; keep more chunks, or judge by a labelled set"),
          Map.of());

  private final GateSettings settings;

  /** Null where pictures of the stream are drawn anew for each candidate. */
  private final Judge given;

  private final int threads;
  private final InstantSource clock;

  /**
   * A gate that has judged nothing.
   *
   * @param catalogue opens the labelled set, here, so that a word that names none is refused early
   * @param threads that compute and decode, at least 1
   * @param clock says when things were decided
   * @throws IOException if the labelled set cannot be read
   * @throws IllegalArgumentException if there is no such set, or it has too few test pictures
   */
  public GateTaker(GateSettings settings, Catalogue catalogue, int threads, InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.threads = threads;
    this.clock = clock;
    given =
        settings.judge().equals(GateSettings.SELF)
            ? null
            : LabelledJudge.of(settings, catalogue, threads);
  }

  /**
   * A gate with a judge of the program's own.
   *
   * @param settings of which only what follows where a candidate is worse counts
   */
  public GateTaker(GateSettings settings, Judge judge, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    threads = 1; // that judge computes as it likes
    given = judge;
  }

  @Override
  public boolean reverts() {
    return settings.reverts();
  }

  @Override
  public void take(Candidate candidate) throws IOException {
    KeptEncoders encoders = KeptEncoders.of(candidate.live(), clock);
    Judge judge =
        given != null
            ? given
            : (champion, file) -> self(candidate, encoders.served()).of(champion, file);
    RunSnapshot before = new RunSnapshot(candidate.live(), candidate.chunk());
    boolean reverts = settings.reverts() && before.exists();
    Decision decision =
        new Gate(encoders, judge, reverts ? Decision.REVERT : Decision.HOLD)
            .admit(candidate.encoder(), candidate.run().root(), candidate.chunk());
    if (decision.action().equals(Decision.REVERT) && before.exists()) {
      before.ask(); // the live run carries it out, also after a kill
    }
  }

  private Judge self(Candidate candidate, Optional<EncoderVersion> champion) throws IOException {
    LiveFolder live = candidate.live();
    List<ImageSet> sets = waiting(live, candidate.chunk());
    if (sets.isEmpty()) {
      // What the champion learned last would favour it as the candidate's own would the candidate.
      sets = upTo(live, champion.map(EncoderVersion::chunk).orElse(1) - 1);
    }
    boolean fair = !sets.isEmpty();
    if (!fair) {
      // Whether features are alive shows on any pictures.
      sets = upTo(live, candidate.chunk());
    }
    if (sets.isEmpty()) {
      return (served, file) -> NO_PICTURES;
    }
    return SelfJudge.of(
        settings,
        "learned chunks",
        sets,
        candidate.chunk(),
        fair,
        live.isLive()
            && Methods.labels(
                Settings.defaults().with(LiveSettings.read(live).pretrain()).methodName()),
        threads);
  }

  /** Chunks that are closed and that neither encoder has learned. */
  private static List<ImageSet> waiting(LiveFolder live, int learned) throws IOException {
    return sets(live, live.kept().stream().filter(chunk -> chunk > learned).toList());
  }

  private static ImageSet set(LiveFolder live, int chunk) throws IOException {
    return Catalogue.standard().open(live.chunk(chunk).toAbsolutePath().toString()).train();
  }

  /** The last chunks up to one that are still there. */
  private static List<ImageSet> upTo(LiveFolder live, int last) throws IOException {
    List<Integer> chunks = new ArrayList<>(live.kept());
    Set<Integer> aside = RunSnapshot.setAside(live);
    chunks.removeIf(chunk -> chunk > last || aside.contains(chunk));
    Collections.reverse(chunks);
    return sets(live, chunks);
  }

  /** The first of these chunks; none if they have too few pictures to judge by. */
  private static List<ImageSet> sets(LiveFolder live, List<Integer> chunks) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (int chunk : chunks.subList(0, Math.min(CHUNKS, chunks.size()))) {
      sets.add(set(live, chunk));
    }
    return sets.stream().mapToInt(ImageSet::size).sum() < SelfJudge.LEAST ? List.of() : sets;
  }
}
