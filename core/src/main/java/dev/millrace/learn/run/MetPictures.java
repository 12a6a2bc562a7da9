package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.draw.Draw;
import dev.millrace.file.SealedText;
import dev.millrace.learn.network.Ranks;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The bad pictures of a chunk that is learned without a check before: each is named once, in the
 * order of the steps, and counted over all calls of the run. Not thread-safe, but for what is drawn
 * instead, which is a function of its place.
 */
final class MetPictures {
  static final int TRIES = 1000;

  private final Chunk chunk;
  private final Path run;
  private final Plan plan;
  private final Ranks ranks;
  private final String again;
  private final RunEvent.Listener listener;

  /** Names that the quarantine has, in its order, with reasons. */
  private final Map<String, String> listed = new LinkedHashMap<>();

  /** Why a picture is not to be drawn, by name; the threads that make views ask it. */
  private final Map<String, String> reasons = new ConcurrentHashMap<>();

  /** Bad ones that a person took away. */
  private final Set<String> removed = new HashSet<>();

  /** What this rank met and has not told the others yet. */
  private final List<PictureCheck.Bad> untold = new ArrayList<>();

  /** What is known of a chunk before its first step. */
  private record Known(
      Map<String, String> listed, Map<String, String> reasons, Set<String> removed) {}

  private MetPictures(Checking checking) {
    this.chunk = checking.chunk();
    this.run = checking.run();
    this.plan = checking.plan();
    this.ranks = checking.ranks();
    this.again = checking.again();
    this.listener = checking.listener();
  }

  /**
   * Those of a chunk; called by all ranks, of which the first looks and writes.
   *
   * @param checking its run's folder, whose quarantine names those that were met before; its
   *     listener hears of each bad picture once, in the first rank
   * @throws IllegalArgumentException if it was refused, and too many of those that were met before
   *     are still bad
   */
  static MetPictures of(Checking checking) throws IOException {
    MetPictures met = new MetPictures(checking);
    Ranks ranks = met.ranks;
    if (ranks.index() == 0) {
      met.look();
    }
    if (ranks.count() > 1) {
      Known known = new Known(met.listed, met.reasons, met.removed);
      met.know(
          JSON.readValue(SharedWords.ofFirst(ranks, JSON.writeValueAsString(known)), Known.class));
    }
    return met;
  }

  private void know(Known known) {
    if (ranks.index() > 0) {
      listed.putAll(known.listed);
      reasons.putAll(known.reasons);
      removed.addAll(known.removed);
    }
  }

  private void look() throws IOException {
    Path file = RunFolder.of(run).quarantine();
    SealedText.lines(file).forEach(this::known);
    reasons.putAll(listed);
    if (KnownBad.isKept(run, chunk.index())) {
      removed();
    }
    boolean refused = Files.exists(RunFolder.of(run).refused(chunk.index()));
    if (!listed.isEmpty()) {
      mended();
    }
    // A chunk whose end was begun ends with what its check found, whatever was mended since.
    DecodeCheck.foundAfterwards(chunk, run)
        .forEach(one -> reasons.putIfAbsent(one.id(), one.reason()));
    if (refused) {
      require(); // who was not refused is asked as a run that nothing ended: when some are met
    }
  }

  private void removed() {
    for (int i = 0; i < chunk.size(); i++) {
      Image image = chunk.images().image(i);
      if (KnownBad.isRemoved(image)) {
        removed.add(image.id());
      }
    }
  }

  /**
   * Takes out those that were mended when a refusal asked for it. Whatever is mended at another
   * time stays bad to the chunk's end, as it does to a run that nothing ends.
   */
  private void mended() throws IOException {
    Path mark = RunFolder.of(run).refused(chunk.index());
    MendedPictures mended = Files.exists(mark) ? null : MendedPictures.read(run, chunk.index());
    if (mended == null) {
      int[] met =
          IntStream.range(0, chunk.size())
              .filter(i -> listed.containsKey(chunk.images().image(i).id()))
              .toArray();
      ImageSet all = chunk.images().subset(chunk.name(), met);
      int[] good = PictureCheck.check(all, plan.checkers()).good();
      mended = new MendedPictures(Arrays.stream(good).mapToObj(i -> all.image(i).id()).toList());
      mended.write(run, chunk.index());
      Files.deleteIfExists(mark);
    }
    mended.ids().forEach(reasons::remove);
  }

  private void known(String line) {
    try {
      JsonNode one = JSON.readTree(line);
      if (one.path("chunk").asInt(-1) == chunk.index() && one.has("id")) {
        listed.put(one.path("id").asText(), one.path("reason").asText());
      }
    } catch (JacksonException e) {
      return; // a damaged line names nobody, and whoever it named is met again
    }
  }

  /**
   * Takes in what the batch of a step met; of several ranks, {@link #agree} does.
   *
   * @throws IllegalArgumentException if too many of the chunk's pictures are bad by now, of those
   *     that are still there; which are bad is kept then, so that they may be mended or removed
   * @throws IOException if that cannot be kept
   */
  void met(List<PictureCheck.Bad> bad) throws IOException {
    if (ranks.count() > 1) {
      untold.addAll(bad);
    } else {
      take(bad);
    }
  }

  /**
   * Has all ranks know what any met, in the order of the batch; called by all after each step.
   *
   * @throws IllegalArgumentException as {@link #met}, in the first, which the others then miss
   */
  void agree() throws IOException {
    if (ranks.count() == 1 || !ranks.any(!untold.isEmpty())) {
      return;
    }
    List<PictureCheck.Bad> all = new ArrayList<>();
    for (String words : SharedWords.of(ranks, JSON.writeValueAsString(untold))) {
      all.addAll(List.of(JSON.readValue(words, PictureCheck.Bad[].class)));
    }
    untold.clear();
    take(all);
  }

  /**
   * Takes in what a check of all found, so that who meets one of these later names it to nobody;
   * called by all ranks alike.
   *
   * @param decoded the pictures that are good
   */
  void found(ImageSet decoded) throws IOException {
    Set<String> good = new HashSet<>();
    for (int i = 0; i < decoded.size(); i++) {
      good.add(decoded.image(i).id());
    }
    Map<String, String> why = new HashMap<>();
    DecodeCheck.foundAfterwards(chunk, run).forEach(one -> why.put(one.id(), one.reason()));
    for (int i = 0; i < chunk.size(); i++) {
      String id = chunk.images().image(i).id();
      if (!good.contains(id)) {
        listed.putIfAbsent(id, why.getOrDefault(id, ""));
      }
    }
  }

  private void take(List<PictureCheck.Bad> bad) throws IOException {
    bad.forEach(one -> reasons.putIfAbsent(one.id(), one.reason()));
    List<PictureCheck.Bad> fresh =
        bad.stream().filter(one -> listed.putIfAbsent(one.id(), one.reason()) == null).toList();
    if (fresh.isEmpty()) {
      return;
    }
    ranks.first(
        () -> {
          listener.on(new RunEvent.BadMet(chunk, fresh));
          require();
        });
  }

  private void require() throws IOException {
    List<PictureCheck.Bad> all = new ArrayList<>();
    listed.forEach(
        (id, reason) -> {
          if (reasons.containsKey(id) && !removed.contains(id)) {
            all.add(new PictureCheck.Bad(id, reason));
          }
        });
    try {
      plan.requireGood(
          chunk.index(),
          chunk.name(),
          chunk.size() - removed.size(),
          all,
          "those met so far are in " + RunFolder.of(run).quarantine(),
          again);
    } catch (IllegalArgumentException tooMany) {
      keep();
      throw tooMany;
    }
  }

  /** Those that were known to be bad before stay so: nobody has looked at all of them again. */
  private void keep() throws IOException {
    MendedPictures.asked(run, chunk.index()); // first: who is known to be bad may be mended
    KnownBad before = KnownBad.read(run, chunk.index());
    Set<String> bad = new LinkedHashSet<>(before == null ? List.of() : before.ids());
    bad.addAll(reasons.keySet());
    KnownBad.of(chunk.images(), bad).write(run, chunk.index());
  }

  /**
   * Why a picture is bad that was met before; null of any other. One that was mended stays bad
   * unless a refusal asked for the mend.
   */
  String reason(String id) {
    return reasons.get(id);
  }

  /** Whether any was met. */
  boolean isEmpty() {
    return reasons.isEmpty();
  }

  /**
   * Who is drawn in the place of a bad picture.
   *
   * @param attempt from 0; others after the first are asked for where that is bad too
   * @return an index into the chunk
   * @throws IOException if hardly any picture is good
   */
  int instead(int epoch, int position, int attempt) throws IOException {
    if (attempt == TRIES) {
      throw new IOException(
          "of %d pictures drawn from %s none decodes".formatted(TRIES, chunk.name()));
    }
    return Draw.of(plan.seed(), "instead", chunk.index(), epoch)
        .at(position)
        .at(attempt)
        .below(chunk.size());
  }
}
