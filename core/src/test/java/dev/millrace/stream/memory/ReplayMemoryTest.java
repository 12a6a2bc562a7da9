package dev.millrace.stream.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayMemoryTest {
  @TempDir Path dir;
  private boolean sourceGone;

  private final class Source implements ImageSet {
    private final int first;
    private final int size;

    private Source(int first, int size) {
      this.first = first;
      this.size = size;
    }

    @Override
    public String name() {
      return "source";
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public Image image(int index) {
      int n = first + index;
      return new Image(
          "p" + n,
          n % 2,
          Image.NONE,
          () -> {
            if (sourceGone) {
              throw new IOException("gone");
            }
            return ("picture " + n).getBytes(UTF_8);
          });
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

  private Chunk chunk(int index, int size) {
    return new Chunk(index, "part " + index, new Source(index * size, size));
  }

  private static List<String> ids(List<ImageSet> sets) {
    List<String> ids = new ArrayList<>();
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        ids.add(set.image(i).id());
      }
    }
    return ids;
  }

  @Test
  void whatIsForgottenIsGoneAndNobodyElseMoves() throws IOException {
    try (ReplayMemory memory = ReplayMemory.open(dir, new Reservoir(10), 1)) {
      for (int i = 0; i < 3; i++) {
        memory.absorb(chunk(i, 10));
      }
      List<String> members = ids(memory.before(3));
      String gone = members.get(4);
      assertThat(memory.forget(gone::equals)).isEqualTo(1);
      assertThat(memory.forget(gone::equals)).as("once more").isZero();
      List<String> others = new ArrayList<>(members);
      others.remove(gone);
      List<ImageSet> left = memory.before(3);
      assertThat(ids(left)).isEqualTo(others);
      for (ImageSet set : left) {
        for (int i = 0; i < set.size(); i++) {
          Image image = set.image(i);
          assertThat(new String(image.bytes(), UTF_8))
              .isEqualTo("picture " + image.id().substring(1));
          assertThat(set.classes().get(image.label()))
              .isEqualTo(Integer.parseInt(image.id().substring(1)) % 2 == 0 ? "even" : "odd");
        }
      }
      for (int i = 0; i < 3; i++) {
        String file = Files.readString(dir.resolve("chunk-%05d.mem".formatted(i)), ISO_8859_1);
        assertThat(file.replaceAll("picture (\\d+)(?=picture)", "picture $1.."))
            .doesNotContain("picture " + gone.substring(1) + ".");
      }
      memory.verify();
      memory.absorb(chunk(3, 10));
      assertThat(ids(memory.before(4))).doesNotContain(gone);
    }
  }

  @Test
  void aShareIsReadableWhenTheSourceIsGone() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.1), 7)) {
      memory.absorb(chunk(0, 40));
      memory.absorb(chunk(1, 40));
    }
    sourceGone = true;
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.1), 7)) {
      memory.absorb(chunk(1, 40)); // known, so the source is not asked
      List<ImageSet> sets = memory.before(2);
      assertThat(sets).hasSize(2).allMatch(set -> set.size() == 4);
      Image image = sets.get(1).image(3);
      assertThat(new String(image.bytes(), UTF_8)).isEqualTo("picture " + image.id().substring(1));
      assertThat(sets.get(0).classes()).containsExactly("even", "odd");
      memory.verify();
      assertThat(memory.bytes()).isPositive();
    }
  }

  @Test
  void aReservoirIsBoundedAndAnEarlierMomentStaysAsItWas() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new Reservoir(10), 3)) {
      memory.absorb(chunk(0, 8));
      memory.absorb(chunk(1, 8));
      List<String> then = ids(memory.before(2));
      assertThat(ids(memory.before(1))).hasSize(8);
      for (int c = 2; c < 9; c++) {
        memory.absorb(chunk(c, 8));
        assertThat(ids(memory.before(c + 1))).hasSize(10).doesNotHaveDuplicates();
      }
      assertThat(ids(memory.before(2))).isEqualTo(then);
    }
  }

  @Test
  void everyPictureOfTheStreamIsKeptEquallyOften() throws Exception {
    int[] times = new int[20];
    int runs = 300;
    for (int seed = 0; seed < runs; seed++) {
      try (ReplayMemory memory =
          ReplayMemory.open(dir.resolve("run" + seed), new Reservoir(5), seed)) {
        memory.absorb(chunk(0, 10));
        memory.absorb(chunk(1, 10));
        ids(memory.before(2)).forEach(id -> times[Integer.parseInt(id.substring(1))]++);
      }
    }
    double chiSquare = 0;
    for (int count : times) {
      chiSquare += (count - runs / 4.0) * (count - runs / 4.0) / (runs / 4.0);
    }
    assertThat(chiSquare).isLessThan(40); // 19 degrees of freedom: p = 0.003
  }

  @Test
  void equalSeedsGiveEqualBytesAlsoAfterAnInterruption() throws Exception {
    Path straight = dir.resolve("straight");
    Path broken = dir.resolve("broken");
    ReplayMemory one = ReplayMemory.open(straight, new Reservoir(6), 3);
    one.absorb(chunk(0, 9));
    one.absorb(chunk(1, 9));
    ReplayMemory two = ReplayMemory.open(broken, new Reservoir(6), 3);
    two.absorb(chunk(0, 9));
    two.absorb(chunk(1, 9));
    Files.writeString(broken.resolve("chunk-00002.mem.tmp"), "half");
    Files.writeString(broken.resolve(".chunk-00002.mem.partial"), "half");
    assertThat(ReplayMemory.look(broken, new Reservoir(6), 3).now()).hasSize(2);
    assertThat(broken.resolve(".chunk-00002.mem.partial")).as("who looks deletes nothing").exists();
    two = ReplayMemory.open(broken, new Reservoir(6), 3);
    two.absorb(chunk(1, 9));
    List<String> names = List.of("chunk-00000.mem", "chunk-00001.mem");
    for (String name : names) {
      assertThat(broken.resolve(name)).hasSameBinaryContentAs(straight.resolve(name));
    }
    assertThat(broken.toFile().list()).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void aFlippedByteIsNamedByFileAndRecord() throws Exception {
    ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(1), 3);
    memory.absorb(chunk(0, 3));
    Path file = dir.resolve("chunk-00000.mem");
    byte[] bytes = Files.readAllBytes(file);
    bytes[10] ^= 1;
    Files.write(file, bytes);
    ImageSet set = memory.before(1).get(0);
    assertThatThrownBy(() -> set.image(0).bytes())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chunk-00000.mem")
        .hasMessageContaining("record 0 (p0)");
    assertThatThrownBy(() -> ReplayMemory.open(dir, new UniformShare(0.5), 3).before(1))
        .hasMessageContaining("was filled under");
  }

  @Test
  void anyFlippedByteIsRefusedByNameOrChangesNothing() throws Exception {
    Path file = dir.resolve("chunk-00000.mem");
    List<String> whole;
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(1), 3)) {
      memory.absorb(chunk(0, 3));
      whole = contents(memory.before(1));
    }
    byte[] good = Files.readAllBytes(file);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (1 << at % 8);
      Files.write(file, bad);
      try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(1), 3)) {
        assertThat(contents(memory.before(1))).as("byte " + at).isEqualTo(whole);
      } catch (IOException refused) {
        assertThat(refused).hasMessageContaining(file.toString());
      }
    }
  }

  private static List<String> contents(List<ImageSet> sets) throws IOException {
    List<String> all = new ArrayList<>();
    for (ImageSet set : sets) {
      for (int i = 0; i < set.size(); i++) {
        Image image = set.image(i);
        String name = image.label() == Image.NONE ? "none" : set.classes().get(image.label());
        all.add(image.id() + " " + name + " " + new String(image.bytes(), UTF_8));
      }
    }
    return all;
  }

  @Test
  void aMissingOrExchangedBundleIsNamed() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.5), 3)) {
      memory.absorb(chunk(0, 4));
      memory.absorb(chunk(1, 4));
    }
    Path first = dir.resolve("chunk-00000.mem");
    Path second = dir.resolve("chunk-00001.mem");
    Files.copy(second, first, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ReplayMemory.open(dir, new UniformShare(0.5), 3).before(2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(first.toString())
        .hasMessageContaining("that of chunk 2, not of chunk 1");
    Files.delete(first);
    assertThatThrownBy(() -> ReplayMemory.open(dir, new UniformShare(0.5), 3).before(2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(first.toString())
        .hasMessageContaining("is not there");
  }

  @Test
  void whatAChunkWritesDependsNeitherOnThoseBeforeNorOnTheClassesOfTheSet() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.1), 7)) {
      long before = 0;
      for (int c = 0; c < 60; c++) {
        memory.absorb(new Chunk(c, "part", new ManyClasses(c * 20, 20)));
        long written = memory.bytes() - before;
        assertThat(written).as("bytes of chunk " + c).isLessThan(400);
        before += written;
      }
      assertThat(contents(memory.before(60)))
          .hasSize(120)
          .allSatisfy(
              line -> {
                String[] words = line.split(" ", -1);
                assertThat(words[1]).isEqualTo("class-" + words[0].substring(1));
              });
    }
  }

  /** Picture n is of class n of 20 000. */
  private record ManyClasses(int first, int size) implements ImageSet {
    private static final List<String> NAMES =
        IntStream.range(0, 20_000).mapToObj(i -> "class-" + i).toList();

    @Override
    public String name() {
      return "many";
    }

    @Override
    public Image image(int index) {
      String id = "p" + (first + index);
      return new Image(id, first + index, Image.NONE, () -> id.getBytes(UTF_8));
    }

    @Override
    public List<String> classes() {
      return NAMES;
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  @Test
  void aBundleIsOpenedOncePerProcess() throws Exception {
    try (ReplayMemory memory = ReplayMemory.open(dir, new UniformShare(0.5), 3)) {
      memory.absorb(chunk(0, 4));
      memory.absorb(chunk(1, 4));
      List<String> known = ids(memory.before(2));
      Files.delete(dir.resolve("chunk-00000.mem"));
      assertThat(ids(memory.before(2))).isEqualTo(known);
      memory.absorb(chunk(2, 4));
      assertThat(ids(memory.before(2))).isEqualTo(known);
    }
  }

  @Test
  void aMemoryOfTheFirstFormatIsReadAndItsListsOfMembersAreNot() throws Exception {
    Files.createDirectories(dir);
    String policy = new Reservoir(2) + " with seed 3";
    for (int c = 0; c < 2; c++) {
      FirstFormat.write(
          dir.resolve("chunk-0000" + c + ".mem"), policy, List.of("even", "odd"), c, 10 - c, 20);
    }
    Files.writeString(dir.resolve("kept-00000.json"), "[[0,0]]");
    Files.writeString(dir.resolve("kept-00001.json"), "no JSON");
    try (ReplayMemory memory = ReplayMemory.open(dir, new Reservoir(2), 3)) {
      assertThat(contents(memory.before(1))).containsExactly("c0r0 even c0r0", "c0r1 odd c0r1");
      assertThat(contents(memory.before(2))).containsExactly("c0r0 even c0r0", "c1r0 even c1r0");
      memory.verify();
    }
  }
}
