package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First starts as processes of their own, which unpack a small jar in the place of libtorch's. */
final class FirstStartTest {
  private static final String JAR = "small-natives.jar";
  private static final int LIBRARIES = 8;
  private static final int BYTES = 6 << 20;

  @TempDir private static Path jars;

  @TempDir private Path folder;

  /** Unpacks as {@link NativeCache} does, then uses every library: its bytes must be the jar's. */
  static final class Start {
    public static void main(String[] args) throws IOException {
      Path cache = Loader.getCacheDir().toPath();
      UnpackedLibraries libraries = new UnpackedLibraries(cache, List.of(JAR));
      libraries.ready(
          () -> {
            for (String name : names()) {
              Loader.cacheResource(resource(name));
            }
          });
      for (String name : names()) {
        try (InputStream in = resource(name).openStream()) {
          Path file = cache.resolve(JAR).resolve(name);
          if (!java.util.Arrays.equals(in.readAllBytes(), Files.readAllBytes(file))) {
            System.out.println(name + " is not whole");
            Runtime.getRuntime().halt(134); // as the system's loader does
          }
        }
      }
      System.out.println("started");
    }

    private static URL resource(String name) {
      return Start.class.getResource("/" + name);
    }
  }

  private static List<String> names() {
    return IntStream.range(0, LIBRARIES).mapToObj(i -> "small/linux/lib" + i + ".so").toList();
  }

  @BeforeAll
  static void jar() throws IOException {
    Random random = new Random(1);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jars.resolve(JAR)))) {
      zip.setMethod(ZipOutputStream.STORED);
      for (String name : names()) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(BYTES);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
      }
    }
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dorg.bytedeco.javacpp.cachedir=" + folder,
            "-cp",
            jars.resolve(JAR) + File.pathSeparator + System.getProperty("java.class.path"),
            Start.class.getName())
        .redirectErrorStream(true)
        .start();
  }

  private static void succeeds(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("started");
  }

  private List<Path> unpacked() throws IOException {
    if (!Files.isDirectory(folder.resolve(JAR))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder.resolve(JAR))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Kills a first start when so many libraries are there, the last of them in part. */
  private void killed(int libraries) throws Exception {
    Process process = start();
    while (process.isAlive() && unpacked().size() < libraries) {
      Thread.onSpinWait();
    }
    process.destroyForcibly().waitFor();
    assertThat(process.exitValue()).as("it was killed while it unpacked").isEqualTo(137);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void afterAKillWhileLibrariesAreUnpackedTheNextStartWorks(int libraries) throws Exception {
    killed(libraries);
    assertThat(mark()).isEmpty();
    // Whatever the moment of the kill was: one that the system's loader would crash on.
    Path last = unpacked().get(unpacked().size() - 1);
    Files.write(last, new byte[1000]);
    succeeds(start());
    assertThat(unpacked()).hasSize(LIBRARIES);
    assertThat(mark()).hasSize(1);
    succeeds(start());
  }

  private List<String> mark() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".complete"))
          .toList();
    }
  }

  @Test
  void firstStartsAtOnceAllWork() throws Exception {
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(start());
    }
    for (Process process : all) {
      succeeds(process);
    }
    assertThat(mark()).hasSize(1);
  }

  @Test
  void aFirstStartBesideOneThatIsKilledWorks() throws Exception {
    Process other = start();
    while (other.isAlive() && unpacked().isEmpty()) {
      Thread.onSpinWait();
    }
    Process mine = start();
    TimeUnit.MILLISECONDS.sleep(30);
    other.destroyForcibly();
    succeeds(mine);
  }

  @Test
  void aLibraryThatWasCutSinceIsUnpackedAgainAndAFlippedBitIsFoundByReadingAll() throws Exception {
    succeeds(start());
    Path library = unpacked().get(3);
    byte[] whole = Files.readAllBytes(library);
    Files.write(library, new byte[10]);
    succeeds(start());
    assertThat(library).hasBinaryContent(whole);
  }

  /** Asks the real cache, and says why it is not ready. */
  static final class Refused {
    public static void main(String[] args) {
      try {
        NativeCache.ready();
      } catch (RuntimeException e) {
        System.out.println(e.getMessage());
        System.exit(3);
      }
    }
  }

  @Test
  void foldersThatCannotBeMadeAreNamedWithTheMend() throws Exception {
    refused(
        Files.writeString(folder.resolve("file"), "in the way").resolve("cache"),
        "can be written to");
  }

  @Test
  void foldersThatCannotBeWrittenToAreNamedWithTheMend() throws Exception {
    Path readOnly = Files.createDirectory(folder.resolve("read-only"));
    Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-xr-xr-x"));
    // Permissions do not bind root, who cannot write to the kernel's own folder either.
    if (Files.isWritable(readOnly)) {
      refused(Path.of("/proc"), "/proc/.millrace.lock");
    } else {
      refused(readOnly, "can be written to");
    }
  }

  private static void refused(Path nowhere, String found) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.cachedir=" + nowhere,
                "-Duser.home=" + nowhere,
                "-Djava.io.tmpdir=" + nowhere,
                "-cp",
                System.getProperty("java.class.path"),
                Refused.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(3);
    assertThat(said)
        .contains(
            "cannot be unpacked",
            nowhere + "",
            found,
            "MILLRACE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER");
  }
}
