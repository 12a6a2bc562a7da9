package dev.millrace.live.gate;

import dev.millrace.live.Candidate;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The gate of a live run. Without a labelled set it judges by pictures of chunks that both encoders
 * have learned: those before the candidate's, evenly drawn among the last ones that are still
 * there, since a new chunk would favour the candidate. Not thread-safe.
 */
public final class GateTaker implements Candidate.Taker {
  /** Chunks that pictures are drawn from; opening one reads its names. */
  private static final int CHUNKS = 8;

  private final GateSettings settings;
  private final Catalogue catalogue;
  private final int threads;
  private final InstantSource clock;

  /**
   * A gate that has judged nothing.
   *
   * @param catalogue opens the labelled set
   * @param threads that decode
   * @param clock says when things were decided
   */
  public GateTaker(GateSettings settings, Catalogue catalogue, int threads, InstantSource clock) {
    this.settings = settings;
    this.catalogue = catalogue;
    this.threads = threads;
    this.clock = clock;
  }

  @Override
  public void take(Candidate candidate) throws IOException {
    new Gate(KeptEncoders.of(candidate.live(), clock), judge(candidate))
        .admit(candidate.encoder(), candidate.run().root(), candidate.chunk());
  }

  private Judge judge(Candidate candidate) throws IOException {
    if (!settings.judge().equals(GateSettings.SELF)) {
      return new LabelledJudge(
          catalogue.open(settings.judge()),
          settings.images(),
          settings.margin(),
          settings.confidence(),
          threads);
    }
    return new SelfJudge(
        learned(candidate),
        settings.images(),
        settings.margin(),
        settings.confidence(),
        candidate.chunk());
  }

  private ImageSet learned(Candidate candidate) throws IOException {
    LiveFolder live = candidate.live();
    List<ImageSet> sets = new ArrayList<>();
    int before = candidate.chunk() - 1;
    int both =
        KeptEncoders.of(live, clock)
            .served()
            .map(champion -> Math.min(champion.chunk(), before))
            .orElse(before);
    for (int chunk = Math.max(1, both); chunk >= 1 && sets.size() < CHUNKS; chunk--) {
      Path file = live.chunk(chunk);
      if (Files.exists(file)) {
        sets.add(Catalogue.standard().open(file.toAbsolutePath().toString()).train());
      }
    }
    if (sets.isEmpty()) {
      throw new IOException(
          live.chunks()
              + " has no chunk that both encoders have learned; judge by a labelled set, or keep more chunks");
    }
    return sets.size() == 1 ? sets.get(0) : new Union("learned chunks", sets);
  }
}
