package dev.millrace.stream.memory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The replay memory on disk. Of each absorbed chunk a bundle {@code chunk-00000.mem} holds the
 * encoded bytes that were kept, and {@code kept-00000.json} says which records of all bundles were
 * members right after it, so the memory can be read as it was before any chunk.
 *
 * <p>Both are written whole or not at all (temporary file, fsync, rename, fsync of the folder), so
 * a kill at any moment loses at most the chunk being absorbed. Bundles are never cut down: a
 * reservoir of capacity C bounds the members, while about {@code C · (1 + ln(n / C))} pictures lie
 * on disk after n. {@link #absorb} and {@link #before} may be called by any thread; the sets that
 * {@link #before} returns are thread-safe and stay readable after {@link #close}.
 */
public final class ReplayMemory implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path dir;
  private final Keep keep;
  private final long seed;
  private final String policy;
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
      for (Path file : files.filter(f -> f.toString().endsWith(DurableFile.UNFINISHED)).toList()) {
        Files.delete(file);
      }
    }
    return new ReplayMemory(dir, keep, seed);
  }

  /**
   * Keeps what the policy says of a chunk that was trained on. A chunk absorbed before is left as
   * it is. Chunks come in order.
   *
   * @throws IOException if a picture cannot be read or the disk does not take it
   * @throws IllegalStateException if the chunk before was not absorbed, or the memory was filled
   *     under another policy or seed
   */
  public synchronized void absorb(Chunk chunk) throws IOException {
    requireOpen();
    int c = chunk.index();
    if (Files.exists(members(c))) {
      bundle(c);
      return;
    }
    List<Member> all = new ArrayList<>();
    int[][] earlier = membership(c);
    for (int i = 0; i < c; i++) {
      Bundle past = bundle(i);
      for (int record : earlier[i]) {
        all.add(new Member(past.entries().get(record).priority(), i, record));
      }
    }
    if (Files.exists(file(c))) {
      Bundle complete = bundle(c);
      for (int record = 0; record < complete.size(); record++) {
        all.add(new Member(complete.entries().get(record).priority(), c, record));
      }
      all = smallest(all, keep.overall());
    } else {
      List<Member> fresh =
          IntStream.range(0, chunk.size())
              .mapToObj(p -> new Member(Keep.priority(seed, c, p), c, p))
              .toList();
      all.addAll(smallest(fresh, keep.ofChunk(chunk.size())));
      all = smallest(all, keep.overall());
      int[] positions =
          all.stream().filter(m -> m.chunk() == c).mapToInt(Member::record).sorted().toArray();
      Bundle.write(file(c), chunk, positions, seed, policy);
      // From here on a member is a record of the bundle, no longer a position in the chunk.
      all.removeIf(m -> m.chunk() == c);
      for (int record = 0; record < positions.length; record++) {
        all.add(new Member(0, c, record));
      }
    }
    writeMembership(c, all);
  }

  /**
   * What is in memory when a chunk starts: entry i holds what is then kept of chunk i, in that
   * chunk's order, with its class and domain names; it may be empty. Chunks absorbed later have no
   * influence.
   *
   * @param chunk number of past chunks, at least 0
   * @throws IOException if a file is damaged (the message names file and record; bytes are checked
   *     when read) or unreadable
   * @throws IllegalStateException if one of these chunks was not absorbed
   */
  public synchronized List<ImageSet> before(int chunk) throws IOException {
    requireOpen();
    int[][] kept = membership(chunk);
    List<ImageSet> sets = new ArrayList<>();
    for (int i = 0; i < chunk; i++) {
      Bundle bundle = bundle(i);
      if (Arrays.stream(kept[i]).anyMatch(record -> record < 0 || record >= bundle.size())) {
        throw new IOException(
            "replay memory "
                + members(chunk - 1)
                + " is damaged: it lists a record that "
                + bundle.file()
                + " does not have");
      }
      sets.add(bundle.subset(bundle.name(), kept[i]));
    }
    return List.copyOf(sets);
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

  private record Member(long priority, int chunk, int record) {}

  /** The n smallest priorities; ties, all but impossible, go to the earlier picture. */
  private static List<Member> smallest(List<Member> members, int n) {
    return new ArrayList<>(
        members.stream()
            .sorted(
                Comparator.comparingLong(Member::priority)
                    .thenComparingInt(Member::chunk)
                    .thenComparingInt(Member::record))
            .limit(n)
            .toList());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the replay memory in " + dir + " is closed");
    }
  }

  private Path file(int chunk) {
    return dir.resolve("chunk-%05d.mem".formatted(chunk));
  }

  private Path members(int chunk) {
    return dir.resolve("kept-%05d.json".formatted(chunk));
  }

  private Bundle bundle(int chunk) throws IOException {
    Bundle bundle = Bundle.open(file(chunk));
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

  private void writeMembership(int chunk, List<Member> all) throws IOException {
    int[][] kept = new int[chunk + 1][];
    for (int i = 0; i <= chunk; i++) {
      int of = i;
      kept[i] =
          all.stream().filter(m -> m.chunk() == of).mapToInt(Member::record).sorted().toArray();
    }
    byte[] text = JSON.writeValueAsString(kept).getBytes(StandardCharsets.UTF_8);
    DurableFile.write(members(chunk), out -> out.write(text));
  }

  /** Record numbers a bundle, as they were after chunk − 1. */
  private int[][] membership(int chunk) throws IOException {
    if (chunk == 0) {
      return new int[0][];
    }
    Path file = members(chunk - 1);
    if (!Files.exists(file)) {
      throw new IllegalStateException(
          "chunk "
              + (chunk - 1)
              + " is not in the replay memory "
              + dir
              + "; chunks are absorbed in order from 0");
    }
    int[][] kept;
    try {
      kept = JSON.readValue(file.toFile(), int[][].class);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException("replay memory " + file + " is damaged: " + e.getOriginalMessage(), e);
    }
    if (kept.length != chunk || Arrays.stream(kept).anyMatch(java.util.Objects::isNull)) {
      throw new IOException(
          "replay memory "
              + file
              + " is damaged: it lists "
              + kept.length
              + " chunks, not "
              + chunk);
    }
    return kept;
  }
}
