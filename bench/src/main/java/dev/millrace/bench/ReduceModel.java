package dev.millrace.bench;

import java.util.Locale;

/**
 * A model, and no measurement: what share of the pace of hosts by themselves is left when they sum
 * the gradient of a ResNet-50 in a ring. Writes a line a number of hosts, speed of the network and
 * seconds of computing. The formulae are in docs/scale.md.
 */
public final class ReduceModel {
  /** ResNet-50's weights, in single precision. */
  private static final double BYTES = 25.6e6 * Float.BYTES;

  /** Of a link's bits that are the sum's. */
  private static final double SHARE = 0.9;

  /** Seconds of a message between two hosts. */
  private static final double LATENCY = 50e-6;

  /** Small collectives of a step: running statistics, keys, whether anyone asks for a stop. */
  private static final int SMALL = 3;

  /** Of a step of MoCo: forward of the query 1, of the key 1, backward 2. */
  private static final double BACKWARD = 0.5;

  /** Buckets; the sum of the last begins when the backward pass has ended. */
  private static final int BUCKETS = 4;

  private static final int[] HOSTS = {8, 16, 64};
  private static final int[] GIGABITS = {10, 25, 100};

  private ReduceModel() {}

  /** Bytes a second that one rank sums at most, as AllReduce measures it; seconds of computing. */
  public static void main(String[] args) {
    double rank = Double.parseDouble(args[0]);
    for (int i = 1; i < args.length; i++) {
      double compute = Double.parseDouble(args[i]);
      for (int hosts : HOSTS) {
        for (int gigabits : GIGABITS) {
          double sum = sum(hosts, Math.min(SHARE * gigabits * 1e9 / Byte.SIZE, rank));
          double small = SMALL * messages(hosts) * LATENCY;
          double plain = compute + sum + small;
          double exposed = Math.max(sum - BACKWARD * compute, sum / BUCKETS);
          System.out.printf(
              Locale.ROOT,
              "compute %.3f s, hosts %d, %d Gbit/s: sum %.0f ms, efficiency %.2f, overlapped %.2f%n",
              compute,
              hosts,
              gigabits,
              1e3 * sum,
              compute / plain,
              compute / (compute + exposed + small));
        }
      }
    }
  }

  private static int messages(int hosts) {
    return 2 * (hosts - 1);
  }

  /** Seconds of a ring: each host sends, and receives, 2 (n − 1) parts of the n-th of all. */
  private static double sum(int hosts, double bytesPerSecond) {
    return messages(hosts) * (BYTES / hosts / bytesPerSecond + LATENCY);
  }
}
