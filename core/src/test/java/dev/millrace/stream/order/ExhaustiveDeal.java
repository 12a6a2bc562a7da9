package dev.millrace.stream.order;

import dev.millrace.stream.taxonomy.ClassTree;
import java.util.Arrays;

/** The distant order's grouping as first written: all distances as numbers, every choice tried. */
final class ExhaustiveDeal {
  private static final double LEAST_GAIN = 1e-9;

  private ExhaustiveDeal() {}

  static int[] clusters(int classes, int chunks, ClassTree tree) {
    double[][] distance = new double[classes][classes];
    for (int a = 0; a < classes; a++) {
      for (int b = 0; b < a; b++) {
        distance[a][b] = tree.distance(Integer.toString(a), Integer.toString(b));
        distance[b][a] = distance[a][b];
      }
    }
    int[] cluster = deal(distance, chunks);
    improve(distance, chunks, cluster);
    return cluster;
  }

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
