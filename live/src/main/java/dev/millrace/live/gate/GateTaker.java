package dev.millrace.live.gate;

import dev.millrace.live.Candidate;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gate of a live run. Without a labelled set it judges by pictures of chunks that both encoders
 * have learned: those before the candidate's, evenly drawn among the last ones that are still
 * there, since a new chunk would favour the candidate. Where none are left, as for the first
 * encoder, the candidate's own chunk shows only whether its features are alive. Not thread-safe.
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
  private final Judge labelled;
  private final InstantSource clock;

  /**
   * A gate that has judged nothing.
   *
   * @param catalogue opens the labelled set, here, so that a word that names none is refused early
   * @param threads that decode
   * @param clock says when things were decided
   * @throws IOException if the labelled set cannot be read
   * @throws IllegalArgumentException if there is no such set, or it has too few test pictures
   */
  public GateTaker(GateSettings settings, Catalogue catalogue, int threads, InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    labelled =
        settings.judge().equals(GateSettings.SELF)
            ? null
            : new LabelledJudge(
                catalogue.open(settings.judge()),
                settings.images(),
                settings.margin(),
                settings.confidence(),
                threads);
  }

  @Override
  public void take(Candidate candidate) throws IOException {
    KeptEncoders encoders = KeptEncoders.of(candidate.live(), clock);
    Judge judge =
        labelled != null
            ? labelled
            : (champion, file) -> self(candidate, encoders.served()).of(champion, file);
    new Gate(encoders, judge).admit(candidate.encoder(), candidate.run().root(), candidate.chunk());
  }

  private Judge self(Candidate candidate, Optional<EncoderVersion> champion) throws IOException {
    int before = candidate.chunk() - 1;
    int both = champion.map(one -> Math.min(one.chunk(), before)).orElse(before);
    List<ImageSet> sets = sets(candidate.live(), both);
    boolean fair = !sets.isEmpty();
    if (!fair) {
      // Whether features are alive shows on any pictures, so on the newest where none else are
      // left.
      sets = sets(candidate.live(), candidate.chunk());
    }
    if (sets.isEmpty()) {
      return (served, file) -> NO_PICTURES;
    }
    return new SelfJudge(
        sets.size() == 1 ? sets.get(0) : new Union("learned chunks", sets),
        settings.images(),
        settings.margin(),
        settings.confidence(),
        candidate.chunk(),
        fair);
  }

  /** The last chunks up to one that are still there. */
  private static List<ImageSet> sets(LiveFolder live, int upTo) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (int chunk = upTo; chunk >= 1 && sets.size() < CHUNKS; chunk--) {
      Path file = live.chunk(chunk);
      if (Files.exists(file)) {
        sets.add(Catalogue.standard().open(file.toAbsolutePath().toString()).train());
      }
    }
    return sets;
  }
}
