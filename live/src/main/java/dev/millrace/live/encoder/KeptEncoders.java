package dev.millrace.live.encoder;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.file.WorkFolder;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The kept encoders of a live run, {@code encoders/VERSION/}, and {@code encoders/current}. Any
 * number of processes may read and write at the same time: writers wait for one another. A version
 * is a folder that is renamed into place when it is whole, and nothing of it changes afterwards.
 * Thread-safe.
 */
public final class KeptEncoders {
  private static final String ABOUT = "version.json";
  private static final String WORK = ".keeping";

  private final LiveFolder live;
  private final Path folder;
  private final Decisions decisions;
  private final InstantSource clock;

  private KeptEncoders(LiveFolder live, Decisions decisions, InstantSource clock) {
    this.live = live;
    folder = live.encoders();
    this.decisions = decisions;
    this.clock = clock;
  }

  /**
   * Those of a live run; nothing is made before the first is kept.
   *
   * @param live the live run
   * @param clock says when things were decided
   */
  public static KeptEncoders of(LiveFolder live, InstantSource clock) {
    return new KeptEncoders(live, new Decisions(live.decisions()), clock);
  }

  /** What was decided so far. */
  public Decisions decisions() {
    return decisions;
  }

  /**
   * Keeps a copy of an encoder as the next version; it is not served by that. One that is kept
   * already, of the same chunk and checksum, is not kept twice, so a call that was killed may be
   * made again.
   *
   * @param file a whole encoder file
   * @param run the run that made it
   * @param chunk after which it stood, from 1
   */
  public EncoderVersion keep(Path file, Path run, int chunk) throws IOException {
    AtomicFiles.folders(folder);
    try (FileChannel lock = lock();
        WorkFolder work = WorkFolder.in(folder, WORK)) {
      Path fresh = work.path().resolve("version");
      Files.createDirectory(fresh);
      Path copy = fresh.resolve(RunFolder.ENCODER);
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      force(copy);
      String sha256 = Sha256.of(copy);
      List<EncoderVersion> all = all();
      for (EncoderVersion one : all) {
        if (one.chunk() == chunk && one.sha256().equals(sha256)) {
          return one;
        }
      }
      int number = all.isEmpty() ? 1 : all.get(all.size() - 1).version() + 1;
      EncoderVersion version =
          new EncoderVersion(number, run.toString(), chunk, sha256, clock.instant().toString());
      AtomicFiles.write(fresh.resolve(ABOUT), JSON.writeValueAsBytes(version));
      AtomicFiles.move(fresh, live.encoder(Integer.toString(number)));
      return version;
    } catch (IOException e) {
      throw Reason.named(folder, e);
    }
  }

  /** All kept versions, the oldest first. */
  public List<EncoderVersion> all() throws IOException {
    List<EncoderVersion> all = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path one : inside.filter(p -> name(p).matches("[1-9][0-9]{0,8}")).toList()) {
          all.add(read(one.resolve(ABOUT), EncoderVersion.class, "remove the folder it lies in"));
        }
      }
      all.sort(Comparator.comparingInt(EncoderVersion::version));
    }
    return all;
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /**
   * A version by its number.
   *
   * @throws UsageException if there is none, naming those that are
   */
  public EncoderVersion require(int version) throws IOException {
    List<EncoderVersion> all = all();
    return all.stream()
        .filter(one -> one.version() == version)
        .findFirst()
        .orElseThrow(
            () ->
                UsageException.ofWord(
                    all.isEmpty()
                        ? "%s has no encoder yet; the first is there when a chunk has been learned"
                            .formatted(folder)
                        : "%s has no version %d; it has %d … %d, see `millrace live encoders`"
                            .formatted(
                                folder,
                                version,
                                all.get(0).version(),
                                all.get(all.size() - 1).version())));
  }

  /** The file of a version. */
  public Path file(EncoderVersion version) {
    return live.encoder(Integer.toString(version.version())).resolve(RunFolder.ENCODER);
  }

  /**
   * What is served now; its {@link #file} is whole and never changes.
   *
   * @throws IOException if {@code current} is damaged, with the mend
   */
  public Serving serving() throws IOException {
    return Files.exists(current())
        ? read(
            current(), Serving.class, "remove it and choose a version with `millrace live promote`")
        : Serving.NOTHING;
  }

  /** The version that is served now. */
  public Optional<EncoderVersion> served() throws IOException {
    Serving serving = serving();
    return serving.any() ? Optional.of(require(serving.version())) : Optional.empty();
  }

  /**
   * What the gate has noted of a version, with the change that the line says and a kill may have
   * kept from it.
   *
   * @return nothing if it was not judged
   */
  public Optional<Decision> noted(EncoderVersion version) throws IOException {
    try (FileChannel lock = opened()) {
      List<Decision> all = decisions.all();
      for (int i = all.size() - 1; i >= 0; i--) {
        Decision one = all.get(i);
        if (!one.what().equals(Decision.GATE) || one.version() != version.version()) {
          continue;
        }
        Serving now = serving();
        // Behind a later line the change was made, or is no longer wanted.
        boolean last = i == all.size() - 1 && now.version() == one.champion();
        if (last && one.action().equals(Decision.SERVE) && one.champion() != version.version()) {
          write(now.next(version, at()));
        }
        return Optional.of(one);
      }
      return Optional.empty();
    }
  }

  /**
   * Notes what the gate found of a version, and serves it unless it failed or a person's hold keeps
   * it from that. The first encoder is served whatever was found, since there is no better one. The
   * line is written first, so that no version is served without one.
   *
   * @param champion the version that was served when it was judged; 0 for none
   * @return the decision as it was noted; nothing is noted if another version is served by now, so
   *     that a person's choice stands: judge again
   */
  public Optional<Decision> judged(
      EncoderVersion version,
      int champion,
      Verdict verdict,
      List<String> reasons,
      Map<String, Double> numbers)
      throws IOException {
    return judged(version, champion, verdict, Decision.HOLD, reasons, numbers);
  }

  /**
   * Notes a verdict, and what follows from it where the candidate is worse.
   *
   * @param onFail what follows where it is worse: {@link Decision#HOLD} or {@link Decision#REVERT}
   */
  public Optional<Decision> judged(
      EncoderVersion version,
      int champion,
      Verdict verdict,
      String onFail,
      List<String> reasons,
      Map<String, Double> numbers)
      throws IOException {
    try (FileChannel lock = opened()) {
      Serving now = serving();
      if (now.version() != champion) {
        return Optional.empty();
      }
      boolean worse = verdict == Verdict.FAIL && now.any();
      boolean kept = now.held() && now.any() && champion != version.version();
      List<String> all = new ArrayList<>(reasons);
      if (!worse && kept) {
        all.add("version " + champion + " is held by a person");
      } else if (verdict == Verdict.FAIL && !worse) {
        all.add("it is served nevertheless: there is no other");
      }
      Decision decision =
          new Decision(
              at(),
              Decision.GATE,
              Decision.GATE,
              version.version(),
              champion,
              verdict.word(),
              worse ? onFail : kept ? Decision.HOLD : Decision.SERVE,
              all,
              numbers);
      decisions.add(decision);
      if (decision.action().equals(Decision.SERVE) && champion != version.version()) {
        write(now.next(version, at()));
      }
      return Optional.of(decision);
    }
  }

  /** Serves a version from now on, whatever the gate says and also while it is held. */
  public Serving promote(int version, String reason) throws IOException {
    EncoderVersion chosen = require(version);
    requireWhole(chosen);
    return change(
        now -> now.version() == version ? now : now.next(chosen, at()),
        now -> person("promote", version, now.version(), Decision.SERVE, reason));
  }

  /**
   * Serves the version again that was served before the present one.
   *
   * @throws UsageException if there was none
   */
  public Serving rollback(String reason) throws IOException {
    try (FileChannel lock = opened()) {
      Serving now = serving();
      if (now.before().isEmpty()) {
        throw UsageException.ofWord(
            now.any()
                ? "%s: version %d was served first, so there is none to go back to; choose one with `millrace live promote`"
                    .formatted(folder, now.version())
                : "%s serves no encoder yet, so there is none to go back to".formatted(folder));
      }
      EncoderVersion earlier = require(now.before().get(now.before().size() - 1));
      requireWhole(earlier);
      decisions.add(person("rollback", earlier.version(), now.version(), Decision.SERVE, reason));
      return write(now.back(earlier, at()));
    }
  }

  /** Forbids the gate to promote, or allows it again. */
  public Serving hold(boolean held, String reason) throws IOException {
    return change(
        now -> now.held(held),
        now ->
            person(held ? "hold" : "release", now.version(), now.version(), Decision.HOLD, reason));
  }

  /**
   * That a version's file is as it was kept.
   *
   * @throws IOException if it is not, with the mend
   */
  public void requireWhole(EncoderVersion version) throws IOException {
    String found = Sha256.of(file(version));
    if (!found.equals(version.sha256())) {
      throw new IOException(
          "%s is damaged: its checksum is %s, expected %s; promote another version"
              .formatted(file(version), found, version.sha256()));
    }
  }

  private Decision person(String what, int version, int champion, String action, String reason) {
    return new Decision(
        at(),
        what,
        "person",
        version,
        champion,
        null,
        action,
        reason.isBlank() ? List.of() : List.of(reason),
        Map.of());
  }

  private Serving change(UnaryOperator<Serving> how, Function<Serving, Decision> why)
      throws IOException {
    try (FileChannel lock = opened()) {
      Serving now = serving();
      decisions.add(why.apply(now));
      Serving then = how.apply(now);
      return then.equals(now) ? now : write(then);
    }
  }

  private Serving write(Serving then) throws IOException {
    AtomicFiles.write(current(), JSON.writeValueAsBytes(then));
    return then;
  }

  private FileChannel opened() throws IOException {
    AtomicFiles.folders(folder);
    return lock();
  }

  private FileChannel lock() throws IOException {
    return LockFile.await(live.encodersLock());
  }

  private Path current() {
    return live.current();
  }

  private String at() {
    return clock.instant().toString();
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static <T> T read(Path file, Class<T> type, String mend) throws IOException {
    try {
      return JSON.readValue(Files.readString(file, StandardCharsets.UTF_8), type);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(
          "%s is damaged: %s; %s"
              .formatted(
                  file,
                  e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage(),
                  mend),
          e);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }
}
