package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlikeTest {
  private static final List<String> SETTINGS =
      List.of("size=16", "width=4", "epochs=1", "batch=16", "queue=64", "threads=1", "max-bad=0.1");

  @TempDir Path folder;

  private static String printed(String... args) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      Alike.main(args);
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFolderIsLearnedOnceAndItsTwinsAreAlike() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    ImageSet made = Catalogue.standard().open("generated:images=40;size=16").train();
    for (int i = 0; i < made.size(); i++) {
      Files.write(photos.resolve("p%02d.ppm".formatted(i)), made.image(i).bytes());
    }
    Files.copy(photos.resolve("p07.ppm"), photos.resolve("twin.ppm"));
    Files.write(photos.resolve("broken.jpg"), new byte[] {(byte) 0xff, (byte) 0xd8, 1});
    Path run = folder.resolve("run");
    String first =
        printed(
            Stream.concat(Stream.of(photos.toString(), run.toString()), SETTINGS.stream())
                .toArray(String[]::new));
    assertEquals(41, first.lines().count());
    assertTrue(first.contains("\ntwin.ppm: p07.ppm 1.000, "), first);
    assertEquals(first, printed(photos.toString(), run.toString()), "the run is not made again");
  }

  /** What the example imports is what docs/java.md lists. */
  @Test
  void onlyTheApiIsUsed() throws Exception {
    String listed = Files.readString(Path.of("../docs/java.md"));
    Set<String> imported =
        Files.readString(Path.of("src/main/java/example/Alike.java"))
            .lines()
            .filter(line -> line.startsWith("import dev.millrace."))
            .map(line -> line.replaceAll(".*\\.|;", ""))
            .collect(Collectors.toSet());
    imported.forEach(name -> assertTrue(listed.contains("`" + name + "`"), name));
  }
}
