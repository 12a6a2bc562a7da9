package dev.millrace.bench;

import dev.millrace.engine.Compute;
import dev.millrace.ranks.C10dRanks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a sum over ranks costs: processes of this machine, over Gloo on its loopback, as those of a
 * run. Writes a line a size: numbers, bytes, and the median and fastest milliseconds of some
 * rounds.
 */
public final class AllReduce {
  private static final String HERE = "127.0.0.1";

  /** One number; gradients of ResNet-18 at width 16 and 64, and of ResNet-50. */
  private static final long[] NUMBERS = {1, 700_000, 11_200_000, 25_600_000};

  private static final int WARM = 3;
  private static final int ROUNDS = 21;

  private AllReduce() {}

  /** Number of ranks (2); or, for one of them, its index, the number and the file they meet by. */
  public static void main(String[] args) throws Exception {
    Compute.begin(1, "cpu");
    if (args.length > 1) {
      measure(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Path.of(args[2]));
      return;
    }
    int ranks = args.length == 0 ? 2 : Integer.parseInt(args[0]);
    Path folder = Files.createTempDirectory("millrace-all-reduce");
    Path store = folder.resolve("store");
    List<Process> others = new ArrayList<>();
    for (int index = 1; index < ranks; index++) {
      others.add(start(index, ranks, store));
    }
    measure(0, ranks, store);
    for (Process other : others) {
      other.waitFor();
    }
    Files.deleteIfExists(store);
    Files.delete(folder);
  }

  private static Process start(int index, int ranks, Path store) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            AllReduce.class.getName(),
            Integer.toString(index),
            Integer.toString(ranks),
            store.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void measure(int index, int ranks, Path store) {
    torch.set_num_threads(1);
    try (C10dRanks met = C10dRanks.at(store, HERE, index, ranks).meet()) {
      for (long numbers : NUMBERS) {
        try (PointerScope scope = new PointerScope()) {
          Tensor tensor = torch.ones(numbers);
          double[] millis = new double[ROUNDS];
          for (int round = -WARM; round < ROUNDS; round++) {
            met.any(false); // all begin together
            long began = System.nanoTime();
            met.mean(tensor);
            if (round >= 0) {
              millis[round] = (System.nanoTime() - began) * 1e-6;
            }
          }
          Arrays.sort(millis);
          System.out.printf(
              Locale.ROOT,
              "ranks %d, numbers %d, bytes %d, median %.2f ms, fastest %.2f ms%n",
              ranks,
              numbers,
              Float.BYTES * numbers,
              millis[ROUNDS / 2],
              millis[0]);
        }
      }
    }
  }
}
