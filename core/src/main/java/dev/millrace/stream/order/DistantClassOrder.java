package dev.millrace.stream.order;

import dev.millrace.draw.Draw;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.taxonomy.ClassTree;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The distant class-incremental stream of Hu et al. (ICLR 2022): classes close in a taxonomy share
 * a chunk, so the distribution shifts strongly from chunk to chunk. The paper cuts ImageNet by
 * WordNet into groups of equal size; here the groups come from balanced clustering: seeds far from
 * each other, each class to the nearest seed with room, then swaps of two classes as long as one
 * lowers the sum of distances inside groups.
 */
public final class DistantClassOrder {
  /** A swap must gain more than rounding does, else two groups could swap forever. */
  private static final double LEAST_GAIN = 1e-9;

  private DistantClassOrder() {}

  /**
   * Groups the classes that have pictures; class counts differ by at most 1.
   *
   * @param chunks number of groups, 2 … number of classes with pictures
   * @param tree distances between class names; it alone decides the groups
   * @param seed decides only the order of the groups
   * @throws IllegalArgumentException as {@link ClassOrder#stream}, and if the tree does not know a
   *     class
   */
  public static ImageStream stream(ImageSet set, int chunks, ClassTree tree, long seed) {
    int[] classes = Parts.classesFor(set, chunks);
    List<String> names = Arrays.stream(classes).mapToObj(set.classes()::get).toList();
    Distances distance = Distances.of(names, tree);
    int[] cluster = deal(distance, chunks);
    improve(distance, chunks, cluster);
    int[] order = Draw.of(seed, "distant class order").permutation(chunks);
    int[][] groups = new int[chunks][];
    for (int i = 0; i < chunks; i++) {
      int c = order[i];
      groups[i] =
          java.util.stream.IntStream.range(0, classes.length)
              .filter(k -> cluster[k] == c)
              .map(k -> classes[k])
              .toArray();
    }
    return Parts.grouped("distant", set, Parts.labels(set), set.classes(), "classes", groups);
  }

  /** Seeds far apart (Gonzalez 1985), then the closest class and seed with room again and again. */
  private static int[] deal(Distances distance, int chunks) {
    int n = distance.size();
    int[] cluster = new int[n];
    Arrays.fill(cluster, -1);
    double[][] fromSeed = new double[chunks][];
    int[] room = new int[chunks];
    double[] nearest = new double[n];
    for (int k = 0; k < n; k++) {
      nearest[k] = Arrays.stream(distance.from(k)).sum();
    }
    for (int c = 0; c < chunks; c++) {
      int far = -1;
      for (int k = 0; k < n; k++) {
        if (cluster[k] < 0 && (far < 0 || nearest[k] > nearest[far])) {
          far = k;
        }
      }
      cluster[far] = c;
      room[c] = Parts.start(n, chunks, c + 1) - Parts.start(n, chunks, c) - 1;
      fromSeed[c] = distance.from(far);
      for (int k = 0; k < n; k++) {
        nearest[k] = c == 0 ? fromSeed[c][k] : Math.min(nearest[k], fromSeed[c][k]);
      }
    }
    // The best seed of each class waits; it is looked for again only when that seed is full.
    PriorityQueue<Claim> claims = new PriorityQueue<>();
    for (int k = 0; k < n; k++) {
      if (cluster[k] < 0) {
        claims.add(Claim.best(k, fromSeed, room));
      }
    }
    for (int left = n - chunks; left > 0; ) {
      Claim claim = claims.remove();
      if (room[claim.seed] == 0) {
        claims.add(Claim.best(claim.place, fromSeed, room));
        continue;
      }
      cluster[claim.place] = claim.seed;
      room[claim.seed]--;
      left--;
    }
    return cluster;
  }

  /**
   * The nearest seed with room of one class; of equals the earlier class, then the earlier seed.
   */
  private record Claim(double distance, int place, int seed) implements Comparable<Claim> {
    static Claim best(int place, double[][] fromSeed, int[] room) {
      int best = -1;
      for (int c = 0; c < room.length; c++) {
        if (room[c] > 0 && (best < 0 || fromSeed[c][place] < fromSeed[best][place])) {
          best = c;
        }
      }
      return new Claim(fromSeed[best][place], place, best);
    }

    @Override
    public int compareTo(Claim other) {
      int nearer = Double.compare(distance, other.distance);
      return nearer != 0 ? nearer : Integer.compare(place, other.place);
    }
  }

  private static void improve(Distances distance, int chunks, int[] cluster) {
    int n = cluster.length;
    double[][] sum = new double[chunks][n]; // of the distances from a class to a group's classes
    double[] one = new double[n];
    double[] other = new double[n];
    for (int k = 0; k < n; k++) {
      distance.from(k, one);
      for (int j = 0; j < n; j++) {
        sum[cluster[j]][k] += one[j];
      }
    }
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int a = 0; a < n; a++) {
        for (int b = 0; b < a; b++) {
          int from = cluster[a];
          int to = cluster[b];
          if (from == to) {
            continue;
          }
          double apart = sum[to][a] - sum[from][a] + sum[from][b] - sum[to][b];
          if (apart - 2 * distance.at(a, b) > -LEAST_GAIN) {
            continue;
          }
          cluster[a] = to;
          cluster[b] = from;
          distance.from(a, one);
          distance.from(b, other);
          for (int k = 0; k < n; k++) {
            double change = other[k] - one[k];
            sum[from][k] += change;
            sum[to][k] -= change;
          }
          moved = true;
        }
      }
    }
  }
}
