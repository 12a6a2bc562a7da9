package dev.millrace.stream.order;

import dev.millrace.draw.Draw;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.taxonomy.ClassTree;
import java.util.Arrays;

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
   * @param tree distances between class names; decides the groups alone
   * @param seed decides only the order of the groups
   * @throws IllegalArgumentException as {@link ClassOrder#stream}, and if the tree does not know a
   *     class
   */
  public static ImageStream stream(ImageSet set, int chunks, ClassTree tree, long seed) {
    int[] classes = Parts.classesFor(set, chunks);
    double[][] distance = distances(set, classes, tree);
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

  private static double[][] distances(ImageSet set, int[] classes, ClassTree tree) {
    tree.require(Arrays.stream(classes).mapToObj(set.classes()::get).toList());
    int n = classes.length;
    double[][] distance = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < a; b++) {
        double d = tree.distance(set.classes().get(classes[a]), set.classes().get(classes[b]));
        distance[a][b] = d;
        distance[b][a] = d;
      }
    }
    return distance;
  }

  /** Seeds far apart (Gonzalez 1985), then the closest class and seed with room again and again. */
  private static int[] deal(double[][] distance, int chunks) {
    int n = distance.length;
    int[] cluster = new int[n];
    Arrays.fill(cluster, -1);
    int[] seeds = new int[chunks];
    int[] room = new int[chunks];
    double[] nearest = new double[n];
    for (int k = 0; k < n; k++) {
      nearest[k] = Arrays.stream(distance[k]).sum();
    }
    for (int c = 0; c < chunks; c++) {
      int far = -1;
      for (int k = 0; k < n; k++) {
        if (cluster[k] < 0 && (far < 0 || nearest[k] > nearest[far])) {
          far = k;
        }
      }
      seeds[c] = far;
      cluster[far] = c;
      room[c] = Parts.start(n, chunks, c + 1) - Parts.start(n, chunks, c) - 1;
      for (int k = 0; k < n; k++) {
        nearest[k] = c == 0 ? distance[far][k] : Math.min(nearest[k], distance[far][k]);
      }
    }
    for (int left = n - chunks; left > 0; left--) {
      int best = -1;
      int into = -1;
      for (int k = 0; k < n; k++) {
        for (int c = 0; c < chunks && cluster[k] < 0; c++) {
          if (room[c] > 0 && (best < 0 || distance[k][seeds[c]] < distance[best][seeds[into]])) {
            best = k;
            into = c;
          }
        }
      }
      cluster[best] = into;
      room[into]--;
    }
    return cluster;
  }

  private static void improve(double[][] distance, int chunks, int[] cluster) {
    int n = cluster.length;
    double[][] sum = new double[n][chunks]; // of the distances from a class to a group's classes
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n; j++) {
        sum[k][cluster[j]] += distance[k][j];
      }
    }
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int a = 0; a < n; a++) {
        for (int b = 0; b < a; b++) {
          int from = cluster[a];
          int to = cluster[b];
          double change =
              sum[a][to] - sum[a][from] + sum[b][from] - sum[b][to] - 2 * distance[a][b];
          if (from == to || change > -LEAST_GAIN) {
            continue;
          }
          cluster[a] = to;
          cluster[b] = from;
          for (int k = 0; k < n; k++) {
            sum[k][from] += distance[k][b] - distance[k][a];
            sum[k][to] += distance[k][a] - distance[k][b];
          }
          moved = true;
        }
      }
    }
  }
}
