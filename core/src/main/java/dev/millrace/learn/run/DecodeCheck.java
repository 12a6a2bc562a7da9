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
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
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
    return good(new Checking(chunk, run, plan, ranks, again, listener, stop));
  }

  /** Like {@link #good(Chunk, Path, Plan, Ranks, String, RunEvent.Listener, BooleanSupplier)}. */
  static Good good(Checking checking) throws IOException {
    return good(checking, checking.folder().check(checking.chunk().index()));
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
   * The pictures that decode of a chunk that was learned without knowing; see {@link
   * #good(Checking)}.
   *
   * @throws CancellationException if a stop was requested
   */
  static Good afterwards(Checking checking) throws IOException {
    return good(checking, checking.folder().lateCheck(checking.chunk().index()));
  }

  /** All pictures of a chunk, as far as is known without looking at them. */
  static Good unchecked(Chunk chunk) {
    long bytes = 0;
    for (int i = 0; i < chunk.size(); i++) {
      bytes += Math.max(0, chunk.images().image(i).content().size());
    }
    return new Good(chunk.images(), bytes);
  }

  private static Good good(Checking checking, Path file) throws IOException {
    Ranks ranks = checking.ranks();
    Chunk chunk = checking.chunk();
    DecodeCheck kept = ranks.index() == 0 ? read(file, chunk.images()) : null;
    boolean known = ranks.any(kept != null);
    SharedCheck shared = new SharedCheck(ranks);
    DecodeCheck check =
        known
            ? shared.ofFirst(kept)
            : shared.found(chunk.images(), checking.plan().checkers(), checking.stop());
    ranks.first(() -> check.take(checking, file, known));
    return new Good(check.good(chunk.images(), chunk.name()), check.bytes);
  }

  /** Says what was found, refuses too much of it, and keeps it where it was not known. */
  private void take(Checking checking, Path file, boolean known) throws IOException {
    Chunk chunk = checking.chunk();
    Path run = checking.run();
    Plan plan = checking.plan();
    boolean late = file.equals(checking.folder().lateCheck(chunk.index()));
    if (!bad.isEmpty()) {
      checking.listener().on(new RunEvent.Quarantined(chunk, found(), late));
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
          "all are in " + checking.folder().quarantine(),
          checking.again());
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
