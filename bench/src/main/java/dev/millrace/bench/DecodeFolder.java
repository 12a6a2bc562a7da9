package dev.millrace.bench;

import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Millrace makes of the pictures of a folder, for {@code golden/decoding.py} to compare: a PPM
 * for each that is read, and {@code refused.txt} with a name, a tab and the reason per line.
 */
public final class DecodeFolder {
  private DecodeFolder() {}

  /**
   * Decodes a folder.
   *
   * @param args the folder, whose folders are not looked into, and where to write
   */
  public static void main(String[] args) throws IOException {
    Path out = Files.createDirectories(Path.of(args[1]));
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(args[0]))) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<String> refused = new ArrayList<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      try {
        write(Decoder.decode(Files.readAllBytes(file)), out.resolve(name + ".ppm"));
      } catch (BadPictureException e) {
        refused.add(name + "\t" + e.reason());
      }
    }
    Files.write(out.resolve("refused.txt"), refused, StandardCharsets.UTF_8);
  }

  private static void write(Pixels pixels, Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      String header = "P6 " + pixels.width() + " " + pixels.height() + " 255\n";
      out.write(header.getBytes(StandardCharsets.US_ASCII));
      out.write(pixels.rgb());
    }
  }
}
