package dev.millrace.stream.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures that were driven out leave the disk, and nothing that can be asked changes. */
class LettingGoTest {
  private static final int CHUNK = 30;

  @TempDir Path folder;

  /** Pictures of 50 to 1 500 bytes. */
  private record Uneven(int chunk) implements ImageSet {
    @Override
    public String name() {
      return "uneven";
    }

    @Override
    public int size() {
      return CHUNK;
    }

    @Override
    public Image image(int index) {
      String id = "c" + chunk + "p" + index;
      int times = 1 + Draw.of(9, "length", chunk, index).below(30);
      return new Image(
          id, index % 2, Image.NONE, () -> ("%-50s".formatted(id)).repeat(times).getBytes(UTF_8));
    }

    @Override
    public List<String> classes() {
      return List.of("even", "odd");
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private static Chunk chunk(int index) {
    return new Chunk(index, "chunk", new Uneven(index));
  }

  private static List<List<String>> ids(List<ImageSet> sets) {
    return sets.stream()
        .map(set -> IntStream.range(0, set.size()).mapToObj(i -> set.image(i).id()).toList())
        .toList();
  }

  private static long bytes(List<ImageSet> sets) throws IOException {
    long sum = 0;
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        byte[] bytes = set.image(i).bytes();
        assertThat(new String(bytes, UTF_8)).startsWith(set.image(i).id() + " ");
        sum += bytes.length;
      }
    }
    return sum;
  }

  private static Keep keep(String policy, int images, long bytes) {
    Keep keep =
        switch (policy) {
          case "fifo" -> new Fifo(images);
          case "share" -> new UniformShare(0.5);
          default -> new Reservoir(images);
        };
    return bytes > 0 ? new WithinBytes(keep, bytes) : keep;
  }

  @ParameterizedTest
  @CsvSource({
    "fifo, 45, 0",
    "fifo, 2147483647, 40000",
    "fifo, 45, 20000",
    "reservoir, 45, 0",
    "reservoir, 2147483647, 20000",
    "reservoir, 45, 20000",
    "share, 0, 20000",
  })
  void whatIsAskedForLaterIsWhatAMemoryThatKeepsAllSays(String policy, int images, long bound)
      throws IOException {
    Keep keep = keep(policy, images, bound);
    Path less = folder.resolve("less");
    long most = 0;
    try (ReplayMemory all = ReplayMemory.open(folder.resolve("all"), keep, 3);
        ReplayMemory memory = ReplayMemory.open(less, keep, 3)) {
      for (int c = 0; c < 40; c++) {
        all.absorb(chunk(c));
        memory.absorb(chunk(c));
        int first = c - c % 3; // the oldest checkpoint is up to three chunks behind
        List<List<String>> open = ids(memory.before(c + 1));
        List<ImageSet> opened = memory.before(c + 1);
        memory.letGo(first);
        memory.letGo(first); // a second time nothing is left to do
        assertThat(ids(opened)).isEqualTo(open);
        bytes(opened); // and they are read where they are now
        try (ReplayMemory again = ReplayMemory.open(less, keep, 3)) {
          again.verify();
          for (int at = first; at <= c + 1; at++) {
            assertThat(ids(memory.before(at))).isEqualTo(ids(all.before(at)));
            assertThat(ids(again.before(at))).isEqualTo(ids(all.before(at)));
          }
        }
        long needed = bytes(all.before(first));
        for (int later = first; later <= c; later++) {
          needed += bytes(List.of(all.before(later + 1).get(later)));
        }
        // A third more than the members, and frames, names and a mark for each bundle.
        assertThat(memory.bytes()).isLessThan(needed * 4 / 3 + 60 * 45 + 500L * (c + 1));
        most = Math.max(most, memory.bytes());
      }
      if (policy.equals("fifo")) {
        assertThat(all.bytes()).isGreaterThan(4 * most);
      }
    }
  }

  @Test
  void whoGoesBackFartherThanWasSaidHearsWhatIsMissing() throws IOException {
    try (ReplayMemory memory = ReplayMemory.open(folder, new Fifo(10), 3)) {
      for (int c = 0; c < 4; c++) {
        memory.absorb(chunk(c));
      }
      memory.letGo(3);
      assertThat(ids(memory.before(3)).get(2)).hasSize(10);
      assertThatThrownBy(() -> memory.before(1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("chunk-00000.mem no longer has what was remembered before chunk 2")
          .hasMessageContaining("checkpoint of chunk 4 was the oldest");
    }
  }

  @Test
  void aKillBetweenTwoBundlesIsCompletedByTheSameCall() throws IOException {
    Path whole = folder.resolve("whole");
    Keep keep = new Reservoir(20);
    try (ReplayMemory memory = ReplayMemory.open(whole, keep, 3)) {
      for (int c = 0; c < 6; c++) {
        memory.absorb(chunk(c));
      }
    }
    List<Path> before = files(whole);
    Path killed = folder.resolve("killed");
    Files.createDirectories(killed);
    for (Path file : before) {
      Files.copy(file, killed.resolve(file.getFileName()));
    }
    try (ReplayMemory memory = ReplayMemory.open(whole, keep, 3)) {
      memory.letGo(6);
    }
    // The kill came when the first half of the bundles was written, and one was half written.
    for (Path file : files(whole).subList(0, 3)) {
      Files.copy(
          file,
          killed.resolve(file.getFileName()),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(killed.resolve(".chunk-00003.mem.partial"), "half");
    try (ReplayMemory memory = ReplayMemory.open(killed, keep, 3)) {
      memory.letGo(6);
    }
    assertThat(files(killed)).hasSameSizeAs(before);
    for (Path file : files(whole)) {
      assertThat(killed.resolve(file.getFileName())).hasSameBinaryContentAs(file);
    }
  }

  private static List<Path> files(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.sorted().toList();
    }
  }

  @Test
  void whereAnotherPolicyChoosesItsListSaysWhoGoesAndADamagedOneLetsNobodyGo() throws IOException {
    try (ReplayMemory memory = ReplayMemory.open(folder, new UniformShare(1), 3)) {
      Set<String> members = new java.util.HashSet<>();
      for (int c = 0; c < 4; c++) {
        int[] kept = {1, 2, 4, 6, 8, 10, 12, 14};
        for (int p : kept) {
          members.add(MemberList.line(c, Sha256.number("c" + c + "p" + p)));
        }
        members.removeAll(
            members.stream().filter(l -> members.size() > 12).limit(6).collect(Collectors.toSet()));
        memory.absorb(chunk(c), kept, new MemberList(members));
      }
      long whole = memory.bytes();
      assertThat(ids(memory.now()).stream().flatMap(List::stream))
          .as("on disk are others still")
          .hasSameSizeAs(members)
          .hasSizeLessThan(ids(memory.before(4)).stream().mapToInt(List::size).sum());
      Path list = folder.resolve("members-00004.txt");
      String right = Files.readString(list);
      Files.writeString(list, right.replaceFirst("\n\\d", "\n7"));
      memory.letGo(4);
      assertThat(memory.bytes()).isGreaterThan(whole - 4000); // lists of chunks before
      assertThat(ids(memory.before(4))).allSatisfy(ids -> assertThat(ids).hasSize(8));
      Files.writeString(list, right);
      memory.letGo(4);
      assertThat(memory.bytes()).isLessThan(whole);
      List<String> left = new ArrayList<>();
      List<List<String>> now = ids(memory.before(4));
      for (int c = 0; c < 4; c++) {
        for (String id : now.get(c)) {
          left.add(MemberList.line(c, Sha256.number(id)));
        }
      }
      assertThat(left).containsAll(members);
      bytes(memory.before(4));
      assertThat(files(folder)).contains(list).doesNotContain(folder.resolve("members-00003.txt"));
    }
  }

  @Test
  void withABoundInBytesWhatIsForgottenBringsNobodyBack() throws IOException {
    Keep keep = new WithinBytes(new Reservoir(Integer.MAX_VALUE), 20_000);
    try (ReplayMemory memory = ReplayMemory.open(folder, keep, 3)) {
      for (int c = 0; c < 4; c++) {
        memory.absorb(chunk(c));
      }
      List<String> members = ids(memory.before(4)).stream().flatMap(List::stream).toList();
      Set<String> gone = Set.copyOf(members.subList(0, members.size() / 2));
      assertThat(memory.forget(gone::contains)).isEqualTo(gone.size());
      assertThat(ids(memory.before(4)).stream().flatMap(List::stream).toList())
          .isEqualTo(members.subList(members.size() / 2, members.size()));
    }
  }
}
