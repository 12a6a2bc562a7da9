package dev.millrace.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * How many threads compute fastest here and now. libtorch waits for all of its threads after every
 * operator, so that one whose core is taken by another process holds up all others: on a busy
 * machine fewer threads than cores are several times as fast. Thread-safe.
 */
public final class FreeCores {
  /** All cores are used unless fewer are faster by this. */
  private static final double CLEARLY = 0.85;

  private static final int ROUNDS = 6;
  private static final int OPERATORS = 8;
  private static final long AT_MOST_NANOS = 1_500_000_000L;
  private static Choice choice;

  /**
   * What was found.
   *
   * @param threads the number that computes fastest
   * @param cores all that the process may use
   */
  public record Choice(int threads, int cores) {
    /** Whether the machine was too busy for a thread on every core. */
    public boolean fewer() {
      return threads < cores;
    }
  }

  private FreeCores() {}

  /**
   * Times a stack of convolutions with all cores and with fewer, for about a second, the first time
   * that a process asks; loads libtorch unless there is one core.
   */
  public static synchronized Choice choice() {
    if (choice == null) {
      int cores = Runtime.getRuntime().availableProcessors();
      choice = new Choice(cores == 1 ? 1 : timed(cores), cores);
    }
    return choice;
  }

  private static int timed(int cores) {
    List<Integer> candidates = candidates(cores);
    long[] nanos = new long[candidates.size()];
    try (PointerScope scope = new PointerScope()) {
      Tensor pictures = torch.ones(16, 16, 32, 32);
      Tensor weights = torch.ones(16, 16, 3, 3).mul_(new Scalar(0.01));
      // Candidates take turns, so that a short burst of other work meets all of them.
      long until = System.nanoTime() + AT_MOST_NANOS;
      for (int round = 0; round <= ROUNDS && (round < 2 || System.nanoTime() < until); round++) {
        for (int i = 0; i < nanos.length; i++) {
          Natives.threads(candidates.get(i));
          long began = System.nanoTime();
          convolve(pictures, weights);
          // The first round also makes threads and kernels.
          nanos[i] += round == 0 ? 0 : System.nanoTime() - began;
        }
      }
    }
    return fastest(candidates, nanos);
  }

  private static void convolve(Tensor pictures, Tensor weights) {
    try (PointerScope scope = new PointerScope()) {
      Tensor features = pictures;
      for (int i = 0; i < OPERATORS; i++) {
        features =
            torch.relu(
                torch.conv2d(
                    features,
                    weights,
                    new TensorOptional(),
                    new long[] {1, 1},
                    new long[] {1, 1},
                    new long[] {1, 1},
                    1));
      }
    }
  }

  /** All cores, all but one, and halves of them down to one. */
  static List<Integer> candidates(int cores) {
    Set<Integer> candidates = new LinkedHashSet<>();
    candidates.add(cores);
    candidates.add(Math.max(1, cores - 1));
    for (int half = cores / 2; half >= 1; half /= 2) {
      candidates.add(half);
    }
    return new ArrayList<>(candidates);
  }

  /** The first of the candidates, unless another is clearly faster. */
  static int fastest(List<Integer> candidates, long[] nanos) {
    int best = 0;
    for (int i = 1; i < nanos.length; i++) {
      best = nanos[i] < nanos[best] ? i : best;
    }
    return candidates.get(nanos[best] < CLEARLY * nanos[0] ? best : 0);
  }
}
