package dev.millrace.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.draw.Draw;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a set of any size costs until its first step: names and pictures are made by a draw, so that
 * no disk has to hold them. Writes a line: pictures, processor and wall seconds, bytes of heap that
 * are alive, and bytes of the run's files but weights.
 */
public final class SimulatedSet {
  private SimulatedSet() {}

  private record Drawn(int size) implements ImageSet {
    private static final List<String> CLASSES =
        IntStream.range(0, 1000).mapToObj("c%d"::formatted).toList();
    private static final byte[] HEAD = "P6 8 8 255\n".getBytes(StandardCharsets.US_ASCII);

    /** The bytes of the picture at an index. */
    private record Bytes(int index) implements Image.Content {
      @Override
      public byte[] read() {
        byte[] bytes = Arrays.copyOf(HEAD, HEAD.length + 3 * 8 * 8);
        Draw draw = Draw.of(1, "simulated", index);
        for (int at = HEAD.length; at < bytes.length; at++) {
          bytes[at] = (byte) draw.at(at).bits();
        }
        return bytes;
      }

      @Override
      public long size() {
        return HEAD.length + 3L * 8 * 8;
      }
    }

    @Override
    public String name() {
      return "simulated";
    }

    @Override
    public Image image(int index) {
      long word = Draw.of(1, "name").at(index).bits();
      String id = Long.toHexString(word).substring(0, 4) + "/" + index + ".ppm";
      return new Image(id, index % 1000, Image.NONE, new Bytes(index));
    }

    @Override
    public List<String> classes() {
      return CLASSES;
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  /**
   * Trains one step.
   *
   * @param args number of pictures, and a folder that is not there for the run
   */
  public static void main(String[] args) throws IOException {
    int size = Integer.parseInt(args[0]);
    Path run = Path.of(args[1]);
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long began = System.nanoTime();
    Catalogue catalogue = Catalogue.standard().with(new Drawn(size));
    Settings settings =
        Settings.defaults(Catalogue.wordOf("simulated"))
            .with(Map.of("width", 4, "size", 8, "epochs", 1, "batch", 64, "threads", 1));
    double[] cpu = new double[2];
    long[] alive = new long[1];
    boolean[] stepped = new boolean[1];
    RunEvent.Listener first =
        event -> {
          if (event instanceof RunEvent.Stepped && !stepped[0]) {
            stepped[0] = true;
            cpu[0] = system.getProcessCpuTime() * 1e-9;
            cpu[1] = (System.nanoTime() - began) * 1e-9;
            System.gc();
            alive[0] = memory.getHeapMemoryUsage().getUsed();
          }
        };
    Millrace.pretrain(settings, catalogue, run, first, () -> stepped[0]);
    long bytes;
    try (Stream<Path> files = Files.walk(run)) {
      bytes =
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.toString().endsWith(".safetensors"))
              .mapToLong(file -> file.toFile().length())
              .sum();
    }
    System.out.printf(
        Locale.ROOT,
        "%d pictures: %.1f s of the processor and %.1f s to the first step, %d MB alive, %d bytes of files%n",
        size,
        cpu[0],
        cpu[1],
        alive[0] >> 20,
        bytes);
  }
}
