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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kept encoders of a live run, {@code encoders/VERSION/}, and {@code encoders/current}. Any
 * number of processes may read and write at the same time: writers wait for one another. A version
 * is a folder that is renamed into place when it is whole, and nothing of it changes afterwards.
 * Thread-safe.
 */
public final class KeptEncoders {
  private static final Logger LOG = LoggerFactory.getLogger(KeptEncoders.class);
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

  /** The folder of all versions. */
  Path folder() {
    return folder;
  }

  /** What was decided so far. */
  public Decisions decisions() {
    return decisions;
  }

  /** What changes which version is served. */
  public Promotions promotions() {
    return new Promotions(this, clock);
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
      Optional<EncoderVersion> same =
          newest(one -> one.chunk() == chunk && one.sha256().equals(sha256));
      if (same.isPresent()) {
        return same.get();
      }
      List<Integer> all = numbers();
      int number = all.isEmpty() ? 1 : all.get(all.size() - 1) + 1;
      EncoderVersion version =
          new EncoderVersion(number, run.toString(), chunk, sha256, clock.instant().toString());
      AtomicFiles.write(fresh.resolve(ABOUT), JSON.writeValueAsBytes(version));
      AtomicFiles.move(fresh, live.encoder(Integer.toString(number)));
      return version;
    } catch (IOException e) {
      throw Reason.named(folder, e);
    }
  }

  /**
   * All kept versions, the oldest first.
   *
   * @throws IOException if one of them cannot be read, with the mend
   */
  public List<EncoderVersion> all() throws IOException {
    return read(numbers());
  }

  /** The last so many kept versions, the oldest of them first; no other is read. */
  public List<EncoderVersion> last(int most) throws IOException {
    List<Integer> all = numbers();
    return read(all.subList(Math.max(0, all.size() - most), all.size()));
  }

  /** The newest version that is such a one; what cannot be read is none. */
  public Optional<EncoderVersion> newest(Predicate<EncoderVersion> such) throws IOException {
    List<Integer> all = numbers();
    for (int i = all.size() - 1; i >= 0; i--) {
      Optional<EncoderVersion> one = find(all.get(i)).filter(such);
      if (one.isPresent()) {
        return one;
      }
    }
    return Optional.empty();
  }

  /** A version by its number; no other is read, and what cannot be read is none. */
  public Optional<EncoderVersion> find(int version) {
    try {
      return Files.exists(about(version)) ? Optional.of(read(version)) : Optional.empty();
    } catch (IOException e) {
      LOG.warn("passed over: {}", Reason.of(e));
      return Optional.empty();
    }
  }

  /** The numbers of all versions, ascending, also of those that cannot be read. */
  public List<Integer> numbers() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .map(one -> one.getFileName().toString())
          .filter(name -> name.matches("[1-9][0-9]{0,8}"))
          .map(Integer::valueOf)
          .sorted()
          .toList();
    }
  }

  private List<EncoderVersion> read(List<Integer> numbers) throws IOException {
    List<EncoderVersion> all = new ArrayList<>();
    for (int number : numbers) {
      all.add(read(number));
    }
    return all;
  }

  private Path about(int version) {
    return live.encoder(Integer.toString(version)).resolve(ABOUT);
  }

  private EncoderVersion read(int version) throws IOException {
    return read(about(version), EncoderVersion.class, "remove the folder it lies in");
  }

  /**
   * A version by its number; no other is read.
   *
   * @throws UsageException if there is none, naming those that are
   */
  public EncoderVersion require(int version) throws IOException {
    if (Files.exists(about(version))) {
      return read(version);
    }
    List<Integer> all = numbers();
    throw UsageException.ofWord(
        all.isEmpty()
            ? "%s has no encoder yet; the first is there when a chunk has been learned"
                .formatted(folder)
            : "%s has no version %d; it has %d … %d, see `millrace live encoders`"
                .formatted(folder, version, all.get(0), all.get(all.size() - 1)));
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
    return Files.exists(live.current())
        ? read(
            live.current(),
            Serving.class,
            "remove it and choose a version with `millrace live promote`")
        : Serving.NOTHING;
  }

  /** Replaces what is served, whole; for whoever holds {@link #locked}. */
  Serving serve(Serving then) throws IOException {
    AtomicFiles.write(live.current(), JSON.writeValueAsBytes(then));
    return then;
  }

  /** The version that is served now. */
  public Optional<EncoderVersion> served() throws IOException {
    Serving serving = serving();
    return serving.any() ? Optional.of(require(serving.version())) : Optional.empty();
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

  /** Waits for other writers, and keeps them waiting until it is closed. */
  FileChannel locked() throws IOException {
    AtomicFiles.folders(folder);
    return lock();
  }

  private FileChannel lock() throws IOException {
    return LockFile.await(live.encodersLock());
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static <T> T read(Path file, Class<T> type, String mend) throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), type);
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
