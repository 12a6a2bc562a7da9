package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.file.Seal;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sizes;
import dev.millrace.stream.SourceException;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.decode.PictureHeads;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.FixedViews;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sets of another machine. */
class RemoteSetsTest {
  @TempDir Path folder;
  @TempDir Path cache;

  @BeforeEach
  void nothing() {
    MemoryStore.clear();
  }

  private static byte[] tar(String... entries) {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String entry : entries) {
      String[] parts = entry.split("=", 2);
      TarTest.entry(tar, '0', parts[0], "", parts[1].getBytes(StandardCharsets.UTF_8));
    }
    tar.writeBytes(new byte[1024]);
    return tar.toByteArray();
  }

  private Catalogue catalogue() {
    return new Catalogue(null, cache);
  }

  private static String read(ImageSet set, int i) throws IOException {
    return new String(set.image(i).bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void tarsBelowAPlaceAreOneSet() throws IOException {
    MemoryStore.put("memory://b/set/train-1.tar", tar("c.jpg=third", "c.cls=dog"), "1");
    MemoryStore.put(
        "memory://b/set/train-0.tar", tar("a.jpg=first", "a.cls=cat", "b.jpg=second"), "1");
    MemoryStore.put("memory://b/set/val.tar", tar("v.jpg=judge", "v.cls=cat"), "1");
    MemoryStore.put("memory://b/set/README.md", new byte[3], "1");
    MemoryStore.put("memory://b/settle/other.tar", tar("x.jpg=x"), "1");
    DataSet set = catalogue().open("memory://b/set");
    assertThat(set.name()).isEqualTo("set");
    assertThat(ShardsTest.words(set.train()))
        .containsExactly("train-0/a.jpg cat -", "train-0/b.jpg - -", "train-1/c.jpg dog -");
    assertThat(read(set.train(), 2)).isEqualTo("third");
    assertThat(set.train().image(2).content().head(3)).asString().isEqualTo("thi");
    assertThat(set.test().size()).isOne();
  }

  private void both(String path, byte[] bytes) throws IOException {
    MemoryStore.put("memory://b/" + path, bytes, "1");
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private DataSet here(String path) throws IOException {
    return catalogue().open(folder.resolve(path).toString(), Folders.SHARDS, Need.LABELS);
  }

  private void requireSame(String path, String... words) throws IOException {
    DataSet there = catalogue().open("memory://b/" + path);
    assertThat(ShardsTest.words(there.train())).containsExactly(words);
    DataSet here = here(path);
    assertThat(ShardsTest.words(here.train())).containsExactly(words);
    assertThat(here.about()).isEqualTo(there.about());
    assertThat(here.leftOut()).isEqualTo(there.leftOut());
  }

  private void requireRefused(String path, String why) {
    assertThatThrownBy(() -> catalogue().open("memory://b/" + path)).hasMessageContaining(why);
    assertThatThrownBy(() -> here(path)).hasMessageContaining(why);
  }

  @Test
  void whatTheShardsAreIsDecidedAlikeHereAndThere() throws IOException {
    byte[] table = "url and caption".getBytes(StandardCharsets.UTF_8);
    both("i/00000.tar", tar("1.jpg=one", "1.txt=words", "1.json={\"url\": \"x\"}"));
    both("i/00001.TAR", tar("2.jpg=two", "2.cls=cat"));
    both("i/00000.parquet", table);
    both("i/00000_stats.json", new byte[2]);
    both("i/.hidden/x.tar", tar("3.jpg=three"));
    requireSame("i", "00000/1.jpg - -", "00001/2.jpg cat -");
    both("deep/a/b/c/d/0.tar", tar("1.jpg=one", "1.cls=cat"));
    requireSame("deep", "a/b/c/d/0/1.jpg cat -");
    both("one.TAR", tar("1.jpg=one"));
    requireSame("one.TAR", "1.jpg - -");
    both("loose/0.tar", tar("1.jpg=one", "1.cls=cat"));
    both("loose/preview.jpg", new byte[2]);
    requireRefused("loose", "has pictures or folders that are no shards, such as preview.jpg");
    both("zipped/0.tar", tar("1.jpg=one", "1.cls=cat"));
    both("zipped/1.tgz", gzip(tar("2.jpg=two")));
    both("zipped/meta.parquet", table);
    requireRefused("zipped", "compressed tars, such as 1.tgz");
    both("called/0.tar", gzip(tar("1.jpg=one", "1.cls=cat")));
    requireRefused("called", "compressed tars");
    both("none/readme.txt", table);
    requireRefused("none", "has 1 files, none of them such");
  }

  @Test
  void aTableThatCannotBeAskedForIsNotTakenForOneWithoutPictures() throws IOException {
    MemoryStore.put("memory://b/i/0.tar", tar("1.jpg=one"), "1");
    MemoryStore.put("memory://b/i/0.parquet", new byte[99], "1");
    MemoryStore.unread = "memory://b/i/0.parquet";
    assertThatThrownBy(() -> catalogue().open("memory://b/i"))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("does not answer");
  }

  @Test
  void aSetIsListedAndReadOnceAndThenFromTheCache() throws IOException {
    byte[] large = new byte[3 << 20];
    Arrays.fill(large, (byte) 'x');
    MemoryStore.put(
        "memory://b/x.tar", tar("a.jpg=" + new String(large, StandardCharsets.US_ASCII)), "1");
    DataSet set = catalogue().open("memory://b/x.tar");
    assertThat(read(set.train(), 0)).hasSize(large.length);
    int reads = MemoryStore.READS.get();
    assertThat(reads).isEqualTo(4); // a block each, the last one short
    assertThat(read(catalogue().open("memory://b/x.tar").train(), 0)).hasSize(large.length);
    assertThat(MemoryStore.READS).hasValue(reads);
  }

  private static int fetched(RemoteBlocks blocks, String name, int number) throws IOException {
    int[] fetched = new int[1];
    byte[] block =
        blocks.get(
            name,
            number,
            100,
            bytes -> {
              Arrays.fill(bytes, (byte) number);
              fetched[0]++;
            });
    assertThat(block).hasSize(100).containsOnly(number);
    return fetched[0];
  }

  @Test
  void theCacheOnDiskIsBoundedAndLetsTheOldestGo() throws IOException {
    RemoteBlocks blocks = new RemoteBlocks(cache.resolve("remote"), 10 * 108);
    for (int i = 0; i < 50; i++) {
      assertThat(fetched(blocks, "a", i)).isOne();
    }
    try (Stream<Path> all = Files.walk(cache.resolve("remote"))) {
      assertThat(all.filter(Files::isRegularFile)).hasSizeBetween(8, 10);
    }
    RemoteBlocks again = new RemoteBlocks(cache.resolve("remote"), 10 * 108);
    assertThat(fetched(again, "a", 49)).isZero();
    assertThat(fetched(again, "a", 1)).isOne();
  }

  @Test
  void whatWasListedOfASetIsKeptUntilAllOfItIs() throws IOException {
    for (int i = 0; i < 4; i++) {
      MemoryStore.put("memory://b/s/" + i + ".tar", tar("a.jpg=" + "x".repeat(1 << 20)), "1");
    }
    MemoryStore.unread = "memory://b/s/3.tar";
    assertThatThrownBy(() -> catalogue().open("memory://b/s")).isInstanceOf(SourceException.class);
    Path kept = cache.resolve("sets/shards");
    try (Stream<Path> files = Files.list(kept)) {
      assertThat(files).hasSize(3);
    }
    MemoryStore.unread = null;
    assertThat(catalogue().open("memory://b/s").train().size()).isEqualTo(4);
    assertThat(kept).isEmptyDirectory();
  }

  /** Two that share a folder stand for two processes. */
  @Test
  void aBlockThatIsLetGoWhileItIsReadIsFetchedAndNoReadFails() throws Exception {
    List<RemoteBlocks> both =
        List.of(
            new RemoteBlocks(cache.resolve("remote"), 5 * 108),
            new RemoteBlocks(cache.resolve("remote"), 5 * 108));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        all.add(
            threads.submit(
                () -> {
                  int sum = 0;
                  for (int i = 0; i < 2000; i++) {
                    // More than stay in memory, so that most are looked for on disk.
                    sum += fetched(both.get(i % 2), "a", (i * (7 + thread) + thread) % 120);
                  }
                  return sum;
                }));
      }
      int fetches = 0;
      for (Future<Integer> one : all) {
        fetches += one.get();
      }
      // Each of the two fetches a block once at most where none is let go.
      assertThat(fetches).isGreaterThan(2 * 120);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void headsOfFarPicturesAreNotFetchedBeforeTheFirstStep() throws IOException {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    ImageSet set = catalogue().open("memory://b/x.tar").train();
    MemoryStore.away = true;
    PictureHeads.Seen seen = PictureHeads.look(set, 2, () -> false);
    assertThat(seen.bad()).isEmpty();
    assertThat(seen.shortSides()).containsOnly(0);
  }

  @Test
  void aBoundOfTheCacheThatIsNoNumberIsNoFaultOfAPicture() throws IOException {
    assertThat(CacheBound.of("MILLRACE_REMOTE_CACHE", " ")).isEqualTo(20L << 30);
    assertThat(CacheBound.of("MILLRACE_REMOTE_CACHE", "0")).isZero();
    assertThatThrownBy(() -> CacheBound.of("MILLRACE_REMOTE_CACHE", "lots"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("MILLRACE_REMOTE_CACHE is 'lots', expected a whole number of GiB");
  }

  /** For a process with another environment: 0 where the set is refused by its bound. */
  public static void main(String[] cache) throws IOException {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    try {
      new Catalogue(null, Path.of(cache[0])).open("memory://b/x.tar");
    } catch (UsageException e) {
      System.exit(e.getMessage().contains("MILLRACE_REMOTE_CACHE") ? 0 : 1);
    }
    System.exit(2);
  }

  @Test
  void aBoundThatIsNoNumberIsSeenWhereTheIndexIsKeptToo() throws Exception {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    catalogue().open("memory://b/x.tar");
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            RemoteSetsTest.class.getName(),
            cache.toString());
    java.environment().put("MILLRACE_REMOTE_CACHE", "lots");
    assertThat(java.inheritIO().start().waitFor()).isZero();
  }

  @Test
  void aDamagedBlockIsFetchedAgain() throws IOException {
    RemoteBlocks blocks = new RemoteBlocks(cache, 1 << 20);
    assertThat(fetched(blocks, "a", 1)).isOne();
    Path file = cache.resolve("a/1");
    byte[] bytes = Files.readAllBytes(file);
    bytes[7] ^= 1;
    Files.write(file, bytes);
    assertThat(fetched(new RemoteBlocks(cache, 1 << 20), "a", 1)).isOne();
    assertThat(fetched(new RemoteBlocks(cache, 1 << 20), "a", 1)).isZero();
  }

  @Test
  void aFileThatChangedIsListedAnewAndItsOldPlacesAreRefused() throws IOException {
    MemoryStore.put("memory://b/x.tar", tar("a.jpg=old", "b.jpg=older"), "1");
    ImageSet before = catalogue().open("memory://b/x.tar").train();
    MemoryStore.put("memory://b/x.tar", tar("a.jpg=new", "b.jpg=newer"), "2");
    ImageSet after = catalogue().open("memory://b/x.tar").train();
    assertThat(read(after, 0)).isEqualTo("new");
    assertThat(before.image(0).content().version()).isEqualTo("1");
    // What the process has read of the old one is whole, and nothing else is read of it.
    Catalogue elsewhere = new Catalogue(null, folder);
    MemoryStore.put("memory://b/y.tar", tar("a.jpg=" + "x".repeat(3 << 20)), "1");
    ImageSet large = elsewhere.open("memory://b/y.tar").train();
    MemoryStore.put("memory://b/y.tar", tar("a.jpg=" + "y".repeat(3 << 20)), "2");
    assertThatThrownBy(() -> read(large, 0))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("changed since it was listed");
  }

  @Test
  void aListNamesPicturesBesideIt() throws IOException {
    MemoryStore.put("memory://b/p/a.jpg", "one".getBytes(StandardCharsets.UTF_8), "1");
    MemoryStore.put(
        "memory://b/list.csv",
        "path,label\np/a.jpg,cat\nmemory://b/gone.jpg,dog\n".getBytes(StandardCharsets.UTF_8),
        "1");
    ImageSet set = catalogue().open("memory://b/list.csv").train();
    assertThat(ShardsTest.words(set)).containsExactly("p/a.jpg cat -", "gone.jpg dog -");
    assertThat(read(set, 0)).isEqualTo("one");
    assertThatThrownBy(() -> read(set, 1)).hasMessageContaining("is not there");
    MemoryStore.put("memory://b/out.csv", "path\n../x.jpg\n".getBytes(StandardCharsets.UTF_8), "1");
    assertThatThrownBy(() -> catalogue().open("memory://b/out.csv"))
        .hasMessageContaining("line 2")
        .hasMessageContaining("leads out of the list's folder");
  }

  @Test
  void whatCannotBeReadThereIsRefusedByName() {
    MemoryStore.put("memory://b/x/readme.txt", new byte[1], "1");
    MemoryStore.put("memory://b/y/x.tar.gz", new byte[1], "1");
    assertThatThrownBy(() -> catalogue().open("memory://b/none"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("memory://b/none is not there");
    assertThatThrownBy(() -> catalogue().open("memory://b/x"))
        .hasMessageContaining("has 1 files, none of them such");
    assertThatThrownBy(() -> catalogue().open("memory://b/y"))
        .hasMessageContaining("compressed tars");
    assertThatThrownBy(() -> catalogue().open("s3://b/y")).hasMessageContaining("millrace-s3");
    assertThatThrownBy(() -> catalogue().open("gs://b/y")).hasMessageContaining("gs://");
    assertThatThrownBy(() -> catalogue().files("memory://b/x"))
        .hasMessageContaining("as shards or a list");
  }

  private static byte[] pictures(int colour) {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (int i = 0; i < 40; i++) {
      byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = Arrays.copyOf(head, head.length + 3 * 16 * 16);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3) + colour);
      }
      TarTest.entry(tar, '0', "%02d.ppm".formatted(i), "", bytes);
      TarTest.entry(tar, '0', "%02d.cls".formatted(i), "", new byte[] {(byte) ('0' + i % 2)});
    }
    tar.writeBytes(new byte[1024]);
    return tar.toByteArray();
  }

  private Settings settings() {
    return Settings.defaults("memory://b/x.tar")
        .with(Map.of("width", 4, "size", 8, "epochs", 2, "batch", 10, "queue", 20, "threads", 1));
  }

  @Test
  void aRunIsStoppedAndResumedAndKnowsAnotherFileOfOneNameAndOneSize() throws IOException {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    Path straight = folder.resolve("straight");
    RunEvent.Listener none = event -> {};
    Millrace.pretrain(settings(), catalogue(), straight, none, () -> false);
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(3);
    Millrace.pretrain(settings(), catalogue(), run, stop, stop);
    MemoryStore.put("memory://b/x.tar", pictures(1), "2");
    assertThatThrownBy(() -> resume(run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("changed under their names");
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    resume(run);
    assertThat(run.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
    assertThat(Files.readString(run.resolve("run.yaml"))).contains("memory://b/x.tar");
    assertThat(
            new String(
                Files.readAllBytes(run.resolve("encoder.safetensors")),
                StandardCharsets.ISO_8859_1))
        .doesNotContain("memory://");
  }

  private Path here(byte[] tar) throws IOException {
    Path copy = folder.resolve("copy/x.tar");
    Files.createDirectories(copy.getParent());
    return Files.write(copy, tar);
  }

  private Path stopped(String name, String set) throws IOException {
    Path run = folder.resolve(name);
    StopAfter stop = new StopAfter(3);
    Settings settings = settings().with(Map.of("data", set, "shuffle-buffer", 7));
    Millrace.pretrain(settings, catalogue(), run, stop, stop);
    return run;
  }

  @Test
  void aRunGoesOnFromACopyHereOrThereOrAtAnotherPlaceThere() throws IOException {
    String there = "memory://b/x.tar";
    MemoryStore.put(there, pictures(0), "1");
    MemoryStore.put("memory://other/x.tar", pictures(0), "of another place");
    String here = here(pictures(0)).toString();
    Path straight = stopped("straight", there);
    resume(straight);
    Path away = stopped("away", there);
    Path home = stopped("home", here);
    Path elsewhere = stopped("elsewhere", there);
    Millrace.moved(away, there, here);
    Millrace.moved(elsewhere, there, "memory://other/x.tar/");
    Millrace.moved(home, here, there);
    MemoryStore.put(there, pictures(0), "put there again");
    for (Path run : List.of(away, elsewhere, home)) {
      resume(run);
      assertThat(run.resolve("encoder.safetensors"))
          .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
    }
    assertThat(Settings.read(away.resolve("run.yaml")).spelling(here)).isEqualTo(there);
    assertThat(Settings.read(home.resolve("run.yaml")).spelling(there)).isEqualTo(here);
  }

  @Test
  void aSetThatWasMovedHidesNoChangeOfAnother() throws IOException {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    MemoryStore.put("memory://b/y.tar", pictures(0), "1");
    MemoryStore.put("memory://other/x.tar", pictures(0), "of another place");
    Path run = folder.resolve("run");
    Millrace.pretrain(settings(), catalogue(), run, event -> {}, () -> false);
    StopAfter stop = new StopAfter(3);
    Millrace.extend(run, Extension.of("memory://b/y.tar"), catalogue(), stop, stop);
    Millrace.moved(run, "memory://b/x.tar", "memory://other/x.tar");
    MemoryStore.put("memory://b/y.tar", pictures(1), "2");
    assertThatThrownBy(() -> resume(run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("y.tar")
        .hasMessageContaining("changed under their names");
    MemoryStore.put("memory://b/y.tar", pictures(0), "1");
    resume(run);
    assertThat(run.resolve("encoder.safetensors")).exists();
  }

  @Test
  void aRunThatKeptVersionsAmongItsSizesGoesOnAndKnowsAnotherFile() throws IOException {
    String set = "memory://b/x.tar";
    MemoryStore.put(set, pictures(0), "1");
    Path run = stopped("run", set);
    Files.delete(run.resolve(Seal.NAME));
    Path stream = run.resolve("stream.json");
    String sizes = Sizes.withVersions(List.of(catalogue().open(set).train()));
    String before = Files.readString(stream);
    String older =
        before.replaceFirst(
            "\"sizes\" : \"\\w+\",\\s+\"versions\" : \"\\w+\"", "\"sizes\" : \"" + sizes + "\"");
    assertThat(older).isNotEqualTo(before);
    Files.writeString(stream, older);
    MemoryStore.put(set, pictures(1), "2");
    assertThatThrownBy(() -> resume(run)).hasMessageContaining("changed under their names");
    MemoryStore.put(set, pictures(0), "1");
    resume(run);
    assertThat(run.resolve("encoder.safetensors")).exists();
  }

  @Test
  void aCopyOfOtherPicturesIsRefusedAndAPlaceWithNothingIsNotNoted() throws IOException {
    String there = "memory://b/x.tar";
    MemoryStore.put(there, pictures(0), "1");
    Path run = stopped("run", there);
    assertThatThrownBy(() -> Millrace.moved(run, there, "memory://b/none"))
        .hasMessageContaining("nothing lies there");
    Millrace.moved(run, there, here(tar("00.ppm=another", "00.cls=0")).toString());
    assertThatThrownBy(() -> resume(run))
        .hasMessageContaining("changed since the run began")
        .hasMessageContaining(there + " is read from " + folder.resolve("copy/x.tar"));
  }

  @Test
  void aRunThatReadsAlongIsStoppedAndResumedAndSaysSo() throws IOException {
    MemoryStore.put("memory://b/x.tar", pictures(0), "1");
    Settings along =
        settings().with(Map.of("shuffle-buffer", 7, "stream", "instance", "chunks", 2));
    Path straight = folder.resolve("straight");
    Millrace.pretrain(along, catalogue(), straight, event -> {}, () -> false);
    for (int steps : new int[] {1, 3, 6}) {
      Path run = folder.resolve("run" + steps);
      StopAfter stop = new StopAfter(steps);
      Millrace.pretrain(along, catalogue(), run, stop, stop);
      resume(run);
      assertThat(run.resolve("encoder.safetensors"))
          .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
    }
    assertThat(Files.readString(straight.resolve("run.yaml"))).contains("shuffle-buffer: 7");
    Path other = folder.resolve("other");
    Millrace.pretrain(
        along.with("shuffle-buffer", 0), catalogue(), other, event -> {}, () -> false);
    assertThat(Files.readAllBytes(other.resolve("encoder.safetensors")))
        .isNotEqualTo(Files.readAllBytes(straight.resolve("encoder.safetensors")));
  }

  private void resume(Path run) throws IOException {
    Millrace.resume(run, catalogue(), Resumption.unchanged(), event -> {}, () -> false);
  }

  @Test
  void aMachineThatDoesNotAnswerMakesNoPictureABadOne() throws IOException {
    MemoryStore.put("memory://b/x.tar", tar("a.jpg=" + "x".repeat(3 << 20)), "1");
    ImageSet set = catalogue().open("memory://b/x.tar").train();
    MemoryStore.away = true;
    assertThatThrownBy(() -> PictureCheck.check(set, 1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("memory:// does not answer; try again later");
    assertThatThrownBy(() -> PictureCheck.reason(set.image(0)))
        .isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(
            () ->
                FixedViews.plain(
                    set,
                    1,
                    new ViewMaker(Augmentation.mocoV2(8), Normalisation.imagenet()),
                    8,
                    Draw.of(1, "x"),
                    new Device("cpu")))
        .isInstanceOf(SourceException.class);
    MemoryStore.away = false;
    assertThat(PictureCheck.check(set, 1).bad()).hasSize(1);
  }
}
