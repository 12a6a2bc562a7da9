package dev.millrace.learn.run;

import dev.millrace.file.ShellWords;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.remedy.EndOfChunk;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ReadAlong;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A chunk whose bad pictures are known before it is learned, or found while it is and all at its
 * end. Not thread-safe.
 */
final class CheckedChunk {
  private final Checking checking;
  private final DecodeCheck.Good good;
  private final Pretraining.Parts parts;
  private final Map<String, Integer> classes;

  /** Whether it is checked at its end. */
  private final boolean late;

  private List<ImageSet> kept;
  private List<ImageSet> beside;

  /** Of an opened chunk that is checked at its end; null of others. */
  private MetPictures met;

  /** Those that decode, once that is known of one that was not checked before. */
  private ImageSet decoded;

  private CheckedChunk(
      Checking checking,
      DecodeCheck.Good good,
      boolean late,
      Pretraining.Parts parts,
      Map<String, Integer> classes) {
    this.checking = checking;
    this.good = good;
    this.late = late;
    this.parts = parts;
    this.classes = classes;
  }

  /**
   * Checks a chunk, unless its check stands at its end.
   *
   * @param begins whether none of it is learned
   * @param classes the stream's classes, for supervised methods
   * @param stop asked after every picture; must be thread-safe
   * @return null where a stop was asked for
   */
  static CheckedChunk of(
      Chunk chunk,
      boolean begins,
      Pretraining.Parts parts,
      Plan plan,
      Map<String, Integer> classes,
      Path run,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    Ranks ranks = parts.ranks();
    boolean first =
        begins
            ? DecodeCheck.meanwhile(chunk, run, plan)
            : DecodeCheck.isLate(chunk.index(), run, plan.check());
    boolean late = ranks.any(ranks.index() == 0 && first);
    Checking checking =
        new Checking(chunk, run, plan, ranks, ShellWords.resume(run), listener, stop);
    DecodeCheck.Good good;
    try {
      good = late ? DecodeCheck.unchecked(chunk) : DecodeCheck.good(checking);
    } catch (CancellationException stopped) {
      return null;
    }
    return new CheckedChunk(checking, good, late, parts, classes);
  }

  /** The pictures to learn: those that are not known to be bad. */
  ImageSet images() {
    return good.images();
  }

  /** Their encoded bytes. */
  long bytes() {
    return good.bytes();
  }

  /** What steps are made of. */
  OpenChunk open() throws IOException {
    Chunk chunk = checking.chunk();
    Plan plan = checking.plan();
    kept = parts.remedies().replayed(chunk.index());
    beside = parts.remedies().remembered(chunk.index());
    met = late ? MetPictures.of(checking) : null;
    ReadAlong along = KeptLying.of(chunk, good.images(), plan, parts.ranks(), checking.run());
    return new OpenChunk(chunk, good.images(), kept, beside, parts, plan, classes, along, met);
  }

  /** Notes that it begins, and how. */
  void begin() throws IOException {
    int chunk = checking.chunk().index();
    DecodeCheck.begin(chunk, checking.run(), late);
    KeptLying.forget(chunk, checking.run());
  }

  /** Lets go of what was kept for the steps of those before, once it is learned. */
  void end() throws IOException {
    if (checking.plan().shuffleBuffer() > 0) {
      KeptLying.forgetBefore(checking.chunk().index(), checking.run());
    }
  }

  /** Takes in bad pictures that somebody beside the steps met. */
  void met(List<PictureCheck.Bad> bad) throws IOException {
    if (met != null) {
      met.met(bad);
    }
  }

  /**
   * Checks it now that its steps are made, unless it was checked before.
   *
   * @throws Stopped if a stop was asked for
   */
  void check() throws IOException {
    if (!late || decoded != null) {
      return;
    }
    try {
      decoded = DecodeCheck.afterwards(checking).images();
    } catch (CancellationException stopped) {
      throw new Stopped(stopped);
    }
    if (met != null && decoded.size() < checking.chunk().size()) {
      met.found(decoded);
    }
  }

  /**
   * What it is to remedies when it is learned; one that was not checked before is checked now.
   *
   * @throws Stopped if a stop was asked for
   */
  EndOfChunk learned(OpenChunk open) throws IOException {
    if (!late) {
      return open.learned();
    }
    check();
    Chunk chunk = checking.chunk();
    Plan plan = checking.plan();
    if (decoded.size() < Plan.LEAST) {
      Chunk few = new Chunk(chunk.index(), chunk.name(), decoded.subset(chunk.name()));
      return new SkippedChunk(few, parts.network(), parts.method().views());
    }
    return decoded.size() == chunk.size()
        ? open.learned()
        : new OpenChunk(chunk, decoded, kept, beside, parts, plan, classes, null, null).learned();
  }

  /** A stop while the pictures of a chunk that is learned were checked. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Stopped(CancellationException cause) {
      super(cause);
    }
  }
}
