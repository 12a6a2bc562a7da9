package dev.millrace.stream.memory;

import dev.millrace.file.Padded;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The replay memory on disk: of each absorbed chunk a bundle {@code chunk-00000.mem} with the
 * encoded bytes that were kept, their priorities and checksums. Who is a member right after any
 * chunk follows from the bundles up to it, since a picture that was driven out by smaller
 * priorities never comes back; so the memory can be read as it was before any chunk, and nothing is
 * written twice. Earlier versions also wrote the members to {@code kept-00000.json}; such files are
 * not read.
 *
 * <p>A bundle is whole or not there (written beside, fsync, rename, fsync of the folder), so a kill
 * at any moment loses at most the chunk being absorbed. Pictures that were driven out stay on disk,
 * since a run may go back to a checkpoint of a chunk before, until {@link #letGo} is told from
 * which chunk on that can be; then a bundle is written anew once more than a quarter of its bytes
 * are theirs, so that what lies on disk is a third more than the members of that chunk, and what
 * was absorbed since. A picture that is longer than a bound in bytes by itself is left out, and
 * logged. A process opens each bundle once, and again where it was written anew. {@link #absorb}
 * and {@link #before} may be called by any thread; the sets that {@link #before} returns are
 * thread-safe, stay readable after {@link #close}, and find their pictures in a bundle that was
 * written anew.
 */
public final class ReplayMemory implements AutoCloseable {
  /** Of a bundle's bytes: who lets go less writes nothing. */
  private static final double SHARE = 0.25;

  private final Path dir;
  private final Keep keep;
  private final long seed;
  private final String policy;

  /** Bundles of chunks 0, 1, … as far as they were asked for. */
  private final List<Bundle> opened = new ArrayList<>();

  private boolean closed;

  private ReplayMemory(Path dir, Keep keep, long seed) {
    this.dir = dir;
    this.keep = keep;
    this.seed = seed;
    this.policy = keep + " with seed " + seed;
  }

  /**
   * Opens the memory in a folder, which is made if missing; files a killed process left unfinished
   * are dropped.
   *
   * @throws IOException if the folder cannot be used
   */
  public static ReplayMemory open(Path dir, Keep keep, long seed) throws IOException {
    Files.createDirectories(dir);
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(ReplayMemory::unfinished).toList()) {
        Files.delete(file);
      }
    }
    return new ReplayMemory(dir, keep, seed);
  }

  /** Opens the memory of a run in which somebody else may learn: nothing is changed. */
  public static ReplayMemory look(Path dir, Keep keep, long seed) {
    return new ReplayMemory(dir, keep, seed);
  }

  private static boolean unfinished(Path file) {
    // The second ending is that of earlier versions.
    return file.toString().endsWith(".partial") || file.toString().endsWith(".tmp");
  }

  /**
   * Keeps what the policy says of a chunk that was trained on. A chunk absorbed before is left as
   * it is. Chunks come in order.
   *
   * @throws IOException if a picture cannot be read, a bundle before is damaged or missing, or the
   *     disk does not take it
   * @throws IllegalStateException if the memory was filled under another policy or seed
   */
  public synchronized void absorb(Chunk chunk) throws IOException {
    requireOpen();
    int c = chunk.index();
    if (Files.exists(file(c))) {
      bundles(c + 1);
      return;
    }
    long[] fresh = new long[chunk.size()];
    Arrays.setAll(fresh, position -> keep.priority(seed, c, position));
    Lengths lengths = new Lengths(chunk, keep.bytes());
    int[] positions;
    int tooLong;
    do { // others take the place of those that are found to be too long
      tooLong = lengths.tooLong();
      positions = chosen(fresh, lengths, bundles(c));
    } while (lengths.tooLong() > tooLong);
    lengths.log();
    Bundle.write(file(c), chunk, positions, position -> fresh[position], policy);
  }

  /** Positions of a chunk that stay, as far as it is known which are too long. */
  private int[] chosen(long[] fresh, Lengths lengths, List<Bundle> past) {
    int many = keep.ofChunk(fresh.length);
    Smallest own = Smallest.of(lengths.fitting(fresh), many);
    int[] candidates =
        IntStream.range(0, fresh.length)
            .filter(position -> lengths.fits(position) && own.takes(fresh[position]))
            .toArray();
    long[] more = Arrays.stream(candidates).mapToLong(position -> fresh[position]).toArray();
    Smallest all = Smallest.members(keep, past, i -> lengths.of(candidates[i]), more);
    past.forEach(bundle -> bundle.entries().forEach(entry -> all.takes(entry.priority())));
    return Arrays.stream(candidates).filter(position -> all.takes(fresh[position])).toArray();
  }

  /**
   * Keeps the pictures at these positions of a chunk, as another policy has chosen them. A chunk
   * absorbed before is left as it is. Chunks come in order; priorities mean nothing here.
   *
   * @param members all that stay, those of this chunk as well
   * @throws IOException as {@link #absorb(Chunk)}
   */
  public synchronized void absorb(Chunk chunk, int[] positions, MemberList members)
      throws IOException {
    requireOpen();
    int c = chunk.index();
    members.write(dir, c + 1); // before the bundle, so that no bundle is without its list
    if (Files.exists(file(c))) {
      bundles(c + 1);
      return;
    }
    bundles(c);
    Bundle.write(file(c), chunk, positions, position -> keep.priority(seed, c, position), policy);
  }

  /**
   * What is in memory when a chunk starts: entry i holds what is then kept of chunk i, in that
   * chunk's order, with the names of its classes and domains; it may be empty. Chunks absorbed
   * later have no influence.
   *
   * @param chunk number of past chunks, at least 0
   * @throws IOException if a file is damaged (the message names file and record; bytes are checked
   *     when read), missing or unreadable
   * @throws IllegalStateException if the memory was filled under another policy or seed
   */
  public synchronized List<ImageSet> before(int chunk) throws IOException {
    return before(chunk, (of, id) -> true);
  }

  private List<ImageSet> before(int chunk, BiPredicate<Integer, String> stays) throws IOException {
    requireOpen();
    List<Bundle> past = bundles(chunk);
    Smallest members = Smallest.members(keep, past, i -> 0);
    List<ImageSet> sets = new ArrayList<>();
    for (int c = 0; c < past.size(); c++) {
      Bundle bundle = past.get(c);
      int of = c;
      int[] records =
          IntStream.range(0, bundle.size())
              .filter(record -> isMember(bundle.entries().get(record), members))
              .filter(record -> stays.test(of, bundle.entries().get(record).id()))
              .toArray();
      sets.add(bundle.subset(bundle.name(), records));
    }
    return List.copyOf(sets);
  }

  /**
   * Encoded bytes of what is in memory when a chunk starts.
   *
   * @param chunk number of past chunks, at least 0
   * @param stays whether the picture of a chunk and an id counts, where another policy says so
   * @throws IOException as {@link #before}
   */
  public synchronized long memberBytes(int chunk, BiPredicate<Integer, String> stays)
      throws IOException {
    requireOpen();
    List<Bundle> past = bundles(chunk);
    Smallest members = Smallest.members(keep, past, i -> 0);
    long sum = 0;
    for (int c = 0; c < past.size(); c++) {
      for (Bundle.Entry entry : past.get(c).entries()) {
        if (isMember(entry, members) && stays.test(c, entry.id())) {
          sum += entry.length();
        }
      }
    }
    return sum;
  }

  /**
   * What is in memory after all chunks that were absorbed, as {@link #before} says it; where
   * another policy chooses, without those that it drove out and that are on disk still.
   */
  public synchronized List<ImageSet> now() throws IOException {
    int chunks = 0;
    while (Files.exists(file(chunks))) {
      chunks++;
    }
    Optional<MemberList> chosen = MemberList.read(dir, chunks);
    return before(chunks, (of, id) -> chosen.isEmpty() || chosen.get().has(of, id));
  }

  /**
   * Whether it is a member now. A picture that was forgotten still counts in who is chosen, so that
   * its place stays empty until later pictures take it, and nobody else moves.
   */
  private static boolean isMember(Bundle.Entry entry, Smallest members) {
    return members.takes(entry.priority()) && !entry.gone();
  }

  /**
   * Is told that nobody asks for the members before a chunk again: takes from disk the pictures
   * that were driven out by then. A kill leaves each bundle as it was or without them; the same
   * call completes the rest. Whatever it removes, {@link #before} says of that chunk and all later
   * ones what it said.
   *
   * @param chunk the first that may still be asked for
   * @throws IOException if a bundle is damaged or cannot be written
   */
  public synchronized void letGo(int chunk) throws IOException {
    requireOpen();
    List<Bundle> past = bundles(chunk);
    Optional<MemberList> chosen = MemberList.read(dir, chunk);
    Smallest members = Smallest.members(keep, past, i -> 0);
    for (int i = 0; i < chunk; i++) {
      int c = i;
      past.get(i)
          .letGo(
              chunk,
              entry ->
                  members.takes(entry.priority()) // asked always: it counts those that are equal
                      && (chosen.isEmpty() || chosen.get().has(c, entry.id())),
              SHARE);
    }
    MemberList.drop(dir, chunk);
  }

  /**
   * Removes pictures for good, members or not. A kill leaves each bundle as it was or without them;
   * the same call completes the rest.
   *
   * @param ids whether the picture of an id goes
   * @return how many went
   * @throws IOException if a bundle is damaged or cannot be written
   */
  public synchronized int forget(Predicate<String> ids) throws IOException {
    requireOpen();
    int gone = 0;
    for (int chunk = 0; Files.exists(file(chunk)); chunk++) {
      gone += bundle(chunk).forget(ids);
    }
    opened.clear();
    return gone;
  }

  /** Size on disk in bytes, over all files of the memory. */
  public long bytes() throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  /**
   * Reads everything and checks all checksums.
   *
   * @throws IOException naming the first damaged file, and the record where one is
   */
  public synchronized void verify() throws IOException {
    requireOpen();
    for (int i = 0; Files.exists(file(i)); i++) {
      bundle(i).verify();
    }
  }

  /** Ends absorbing and reading of membership; releases nothing else. */
  @Override
  public synchronized void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the replay memory in " + dir + " is closed");
    }
  }

  private Path file(int chunk) {
    return dir.resolve("chunk-" + Padded.of(chunk, 5) + ".mem");
  }

  /** The bundles of the chunks 0 … n − 1. */
  private List<Bundle> bundles(int n) throws IOException {
    for (int i = 0; i < n; i++) {
      if (i == opened.size()) {
        opened.add(bundle(i));
      } else if (opened.get(i).isStale()) {
        opened.set(i, bundle(i));
      }
      Bundle bundle = opened.get(i);
      if (bundle.since() > n) {
        throw new IOException(
            "replay memory %s no longer has what was remembered before chunk %d: since a checkpoint of chunk %d was the oldest, pictures that others drove out are let go; bring back a checkpoint of that chunk or a later one, or begin the run anew"
                .formatted(bundle.file(), n + 1, bundle.since() + 1));
      }
    }
    return List.copyOf(opened.subList(0, n));
  }

  private Bundle bundle(int chunk) throws IOException {
    Bundle bundle = Bundle.open(file(chunk), chunk);
    if (!bundle.policy().equals(policy)) {
      throw new IllegalStateException(
          "replay memory "
              + file(chunk)
              + " was filled under "
              + bundle.policy()
              + ", but this run asks for "
              + policy
              + "; resume with the run's own settings or give a new run folder");
    }
    return bundle;
  }
}
