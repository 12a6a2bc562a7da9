package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a chunk's decode check found, kept in the run: a resume neither pays for it again nor trains
 * on a picture that was mended meanwhile, which would make it another run.
 *
 * @param images pictures of the chunk, bad ones included
 * @param ids SHA-256 over the pictures' ids, hex: an extension that was killed before it began may
 *     leave the check of another set of the same size
 * @param bytes encoded bytes of the good pictures
 * @param bad those that cannot be used, ascending
 */
public record DecodeCheck(int images, String ids, long bytes, List<Bad> bad) {
  private static final Logger LOG = LoggerFactory.getLogger(DecodeCheck.class);

  /** Pictures that each of several ranks checks before all ask whether to stop. */
  private static final int ROUND = 1024;

  /**
   * One bad picture.
   *
   * @param index place in the chunk
   * @param id {@link dev.millrace.stream.Image#id()}
   * @param reason why, for a person
   */
  public record Bad(int index, String id, String reason) {}

  /**
   * What a chunk can be trained on.
   *
   * @param images the pictures that decode
   * @param bytes their encoded bytes together
   */
  public record Good(ImageSet images, long bytes) {}

  /**
   * The pictures of a chunk that can be trained on; checked in parallel at the first call, known
   * afterwards. Called by all ranks, each of which checks its part.
   *
   * @param run the run's folder, in which the first keeps the result
   * @param again the command that goes on after a mend, for the message of a refusal
   * @param listener hears of bad pictures, in the first
   * @param stop asked after every picture of a first check; must be thread-safe
   * @throws CancellationException if a stop was requested, of any
   * @throws IllegalArgumentException if more are bad than {@code --max-bad} allows, of those that
   *     are still there; only which are bad is kept then, so that they may be mended or removed,
   *     and the check is made again
   * @throws IOException if the result cannot be kept
   */
  public static Good good(
      Chunk chunk,
      Path run,
      Plan plan,
      Ranks ranks,
      String again,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    Path file = RunFolder.of(run).check(chunk.index());
    return good(chunk, run, plan, ranks, again, listener, stop, file);
  }

  /**
   * Whether a chunk that is not begun is to be checked while it is learned; one whose check is
   * there already need not be.
   */
  public static boolean meanwhile(Chunk chunk, Path run, Plan plan) {
    boolean wanted =
        switch (plan.check()) {
          case BEFORE -> false;
          case MEANWHILE -> true;
          case AUTO -> chunk.size() >= Chunk.LARGE;
        };
    return wanted && !Files.exists(RunFolder.of(run).check(chunk.index()));
  }

  /** Notes how a chunk begins, which holds to its end. */
  static void begin(int chunk, Path run, boolean late) throws IOException {
    Path file = RunFolder.of(run).begunUnchecked(chunk);
    if (late) {
      AtomicFiles.write(file, new byte[] {'\n'}); // some tools that copy drop empty files
    } else {
      Files.deleteIfExists(file); // a run that was ended before its first checkpoint begins anew
    }
  }

  /** Whether a chunk that is begun is checked while it is learned; older versions noted nothing. */
  public static boolean isLate(int chunk, Path run, WhenChecked check) {
    RunFolder folder = RunFolder.of(run);
    return Files.exists(folder.begunUnchecked(chunk))
        || check == WhenChecked.MEANWHILE && !Files.exists(folder.check(chunk));
  }

  /** The bad pictures of a chunk by a check when it was learned; none where there was none yet. */
  static List<Bad> foundAfterwards(Chunk chunk, Path run) throws IOException {
    DecodeCheck check = read(RunFolder.of(run).lateCheck(chunk.index()), chunk.images());
    return check == null ? List.of() : check.bad;
  }

  /**
   * The pictures that decode of a chunk that was learned without knowing; see {@link #good}.
   *
   * @throws CancellationException if a stop was requested
   */
  static Good afterwards(
      Chunk chunk,
      Path run,
      Plan plan,
      Ranks ranks,
      String again,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    Path file = RunFolder.of(run).lateCheck(chunk.index());
    return good(chunk, run, plan, ranks, again, listener, stop, file);
  }

  /** All pictures of a chunk, as far as is known without looking at them. */
  static Good unchecked(Chunk chunk) {
    long bytes = 0;
    for (int i = 0; i < chunk.size(); i++) {
      bytes += Math.max(0, chunk.images().image(i).content().size());
    }
    return new Good(chunk.images(), bytes);
  }

  private static Good good(
      Chunk chunk,
      Path run,
      Plan plan,
      Ranks ranks,
      String again,
      RunEvent.Listener listener,
      BooleanSupplier stop,
      Path file)
      throws IOException {
    DecodeCheck kept = ranks.index() == 0 ? read(file, chunk.images()) : null;
    boolean known = ranks.any(kept != null);
    DecodeCheck check = known ? ofFirst(ranks, kept) : found(chunk.images(), plan, ranks, stop);
    ranks.first(() -> check.take(chunk, run, plan, again, listener, file, known));
    return new Good(check.good(chunk.images(), chunk.name()), check.bytes);
  }

  private static DecodeCheck ofFirst(Ranks ranks, DecodeCheck kept) throws IOException {
    return ranks.count() == 1
        ? kept
        : JSON.readValue(
            SharedWords.ofFirst(ranks, JSON.writeValueAsString(kept)), DecodeCheck.class);
  }

  /**
   * What a rank found in its part.
   *
   * @param narrow as {@link PictureCheck.Result#narrow}
   */
  private record Part(long bytes, int narrow, List<Bad> bad) {}

  /** What all ranks find, each in a part of the set. */
  private static DecodeCheck found(ImageSet set, Plan plan, Ranks ranks, BooleanSupplier stop)
      throws IOException {
    Part own = part(set, plan, ranks, stop);
    long bytes = 0;
    int narrow = 0;
    List<Bad> bad = new ArrayList<>();
    if (ranks.count() == 1) {
      bytes = own.bytes;
      narrow = own.narrow;
      bad.addAll(own.bad);
    } else {
      for (String words : SharedWords.of(ranks, JSON.writeValueAsString(own))) {
        Part one = JSON.readValue(words, Part.class);
        bytes += one.bytes;
        narrow += one.narrow;
        bad.addAll(one.bad);
      }
    }
    if (ranks.index() == 0) {
      PictureCheck.warn(set, narrow);
    }
    return new DecodeCheck(set.size(), ids(set), bytes, bad);
  }

  /** This rank's part; where there are several, in rounds, after which all hear of a stop. */
  private static Part part(ImageSet set, Plan plan, Ranks ranks, BooleanSupplier stop) {
    int from = begin(set, ranks, ranks.index());
    int until = begin(set, ranks, ranks.index() + 1);
    int round = ranks.count() == 1 ? Math.max(1, set.size()) : ROUND;
    int rounds = ((set.size() + ranks.count() - 1) / ranks.count() + round - 1) / round;
    int threads = Math.max(1, plan.checkers() / ranks.count());
    LongAdder bytes = new LongAdder();
    int narrow = 0;
    List<Bad> bad = new ArrayList<>();
    for (int r = 0; r < rounds; r++) {
      int first = Math.min(until, from + r * round);
      int last = Math.min(until, first + round);
      boolean stopped = false;
      try {
        PictureCheck.Result one = look(set, first, last, threads, bytes, stop);
        narrow += one.narrow();
        bad.addAll(bad(first, last - first, one));
      } catch (CancellationException e) {
        stopped = true;
      }
      if (ranks.any(stopped)) {
        throw new CancellationException("stopped while pictures were checked");
      }
    }
    return new Part(bytes.sum(), narrow, bad);
  }

  /** Where a rank's part of a set begins. */
  private static int begin(ImageSet set, Ranks ranks, int rank) {
    return (int) ((long) set.size() * rank / ranks.count());
  }

  private static PictureCheck.Result look(
      ImageSet set, int from, int until, int threads, LongAdder bytes, BooleanSupplier stop) {
    ImageSet part =
        until - from == set.size()
            ? set
            : set.subset(set.name(), IntStream.range(from, until).toArray());
    return PictureCheck.look(
        part,
        threads,
        (index, width, height, length) -> {
          bytes.add(length);
          if (stop.getAsBoolean()) {
            throw new CancellationException("stopped while pictures were checked");
          }
        });
  }

  /** Says what was found, refuses too much of it, and keeps it where it was not known. */
  private void take(
      Chunk chunk,
      Path run,
      Plan plan,
      String again,
      RunEvent.Listener listener,
      Path file,
      boolean known)
      throws IOException {
    boolean late = file.equals(RunFolder.of(run).lateCheck(chunk.index()));
    if (!bad.isEmpty()) {
      listener.on(new RunEvent.Quarantined(chunk, found(), late));
    }
    List<PictureCheck.Bad> there =
        bad.stream()
            .filter(one -> !KnownBad.isRemoved(chunk.images().image(one.index)))
            .map(one -> new PictureCheck.Bad(one.id, one.reason))
            .toList();
    try {
      plan.requireGood(
          chunk.index(),
          chunk.name(),
          chunk.size() - (bad.size() - there.size()),
          there,
          "all are in " + RunFolder.of(run).quarantine(),
          again);
    } catch (IllegalArgumentException tooMany) {
      if (late) {
        MendedPictures.asked(run, chunk.index()); // first: who is known to be bad may be mended
      }
      if (!known) {
        keep(chunk, run);
      }
      throw tooMany;
    }
    if (!known) {
      keep(chunk, run);
      write(file);
    }
  }

  /** Keeps which are bad; those that were known to be stay so, as they may have been mended. */
  private void keep(Chunk chunk, Path run) throws IOException {
    KnownBad before = KnownBad.read(run, chunk.index());
    Set<String> all = new LinkedHashSet<>(before == null ? List.of() : before.ids());
    bad.forEach(one -> all.add(one.id));
    if (!all.isEmpty() || KnownBad.isKept(run, chunk.index())) {
      KnownBad.of(chunk.images(), all).write(run, chunk.index());
    }
  }

  /** The bad ones of a part, by their places in the set. */
  private static List<Bad> bad(int from, int size, PictureCheck.Result result) {
    List<Bad> bad = new ArrayList<>();
    int good = 0;
    for (int i = 0; i < size; i++) {
      if (good < result.good().length && result.good()[good] == i) {
        good++;
      } else {
        PictureCheck.Bad found = result.bad().get(bad.size());
        bad.add(new Bad(from + i, found.id(), found.reason()));
      }
    }
    return bad;
  }

  /** The kept result; null when there is none, or none that fits the set. */
  private static DecodeCheck read(Path file, ImageSet set) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      String text = SealedText.open(Files.readString(file, StandardCharsets.UTF_8));
      DecodeCheck kept = text == null ? null : JSON.readValue(text, DecodeCheck.class);
      if (kept != null && kept.bad != null && kept.fits(set)) {
        return kept;
      }
    } catch (JacksonException | CharacterCodingException e) {
      // Damaged: checking again costs time only.
      LOG.warn("{} is damaged: the pictures are checked again", file);
      return null;
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    LOG.warn("{} is damaged, or the check of other pictures: the pictures are checked again", file);
    return null;
  }

  /** Whether it is the check of these pictures, with places that they have. */
  private boolean fits(ImageSet set) {
    int before = -1;
    for (Bad one : bad) {
      if (one.index <= before
          || one.index >= images
          || one.id == null
          || !one.id.equals(set.image(Math.min(one.index, set.size() - 1)).id())) {
        return false;
      }
      before = one.index;
    }
    return images == set.size() && ids(set).equals(ids);
  }

  /** A checksum over the ids of pictures in their order, hex. */
  static String ids(ImageSet set) {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < set.size(); i++) {
      digest.update((set.image(i).id() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void write(Path file) throws IOException {
    String text = SealedText.seal(JSON.writeValueAsString(this));
    AtomicFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private ImageSet good(ImageSet set, String name) {
    if (bad.isEmpty()) {
      return set;
    }
    int[] good = new int[images - bad.size()];
    int skipped = 0;
    for (int i = 0; i < images; i++) {
      if (skipped < bad.size() && bad.get(skipped).index == i) {
        skipped++;
      } else {
        good[i - skipped] = i;
      }
    }
    return set.subset(name, good);
  }

  private List<PictureCheck.Bad> found() {
    return bad.stream().map(b -> new PictureCheck.Bad(b.id, b.reason)).toList();
  }
}
