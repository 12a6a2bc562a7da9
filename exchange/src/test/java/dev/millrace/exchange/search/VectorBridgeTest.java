package dev.millrace.exchange.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorBridgeTest {
  private static final String FROM = "a".repeat(64);
  private static final String TO = "b".repeat(64);

  @TempDir Path folder;

  /** Drawn rows of length 1 about a mean that is not zero, as features after a ReLU are. */
  private static float[][] rows(int n, int d, long seed) {
    float[][] rows = new float[n][d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        rows[i][j] = (float) (1 + Draw.of(seed, "row", i * d + j).gaussian());
      }
      VectorIndex.unit(rows[i]);
    }
    return rows;
  }

  /** The rows turned: each pair of numbers by an angle of its own, then their order reversed. */
  private static float[][] turned(float[][] rows) {
    float[][] turned = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      float[] row = rows[i];
      float[] out = new float[row.length];
      for (int j = 0; j + 1 < row.length; j += 2) {
        double angle = 0.3 + j;
        out[row.length - 1 - j] = (float) (Math.cos(angle) * row[j] - Math.sin(angle) * row[j + 1]);
        out[row.length - 2 - j] = (float) (Math.sin(angle) * row[j] + Math.cos(angle) * row[j + 1]);
      }
      turned[i] = out;
    }
    return turned;
  }

  @Test
  void theBridgeToATurnedCopyIsExactAlsoForPicturesThatItNeverSaw() throws IOException {
    float[][] all = rows(200, 16, 1);
    float[][] kept = turned(all);
    VectorBridge bridge =
        VectorBridge.fit(FROM, TO, Arrays.copyOf(all, 100), Arrays.copyOf(kept, 100));
    for (int i = 100; i < 200; i++) {
      assertThat(bridge.map(all[i])).containsExactly(kept[i], within(1e-5f));
    }
    assertThat(
            bridge.recall(
                Arrays.copyOfRange(all, 100, 200), Arrays.copyOfRange(kept, 100, 200), 10))
        .isEqualTo(1);
  }

  @Test
  void theLengthOfAQueryDoesNotMatter() throws IOException {
    float[][] all = rows(60, 8, 2);
    VectorBridge bridge = VectorBridge.fit(FROM, TO, all, turned(all));
    float[] longer = all[3].clone();
    for (int j = 0; j < longer.length; j++) {
      longer[j] *= 7;
    }
    assertThat(bridge.map(longer)).containsExactly(bridge.map(all[3]), within(1e-5f));
  }

  @Test
  void vectorsOfAnotherLengthAreReachedToo() throws IOException {
    float[][] kept = rows(300, 8, 3);
    float[][] asked = new float[300][];
    for (int i = 0; i < 300; i++) {
      asked[i] = VectorIndex.unit(Arrays.copyOf(turned(kept)[i], 12));
    }
    VectorBridge bridge = VectorBridge.fit(FROM, TO, asked, kept);
    assertThat(bridge.map(asked[5])).containsExactly(kept[5], within(1e-5f));
    assertThatThrownBy(() -> bridge.map(kept[0])).hasMessageContaining("of another encoder");
  }

  @Test
  void theRecallIsWhatLookingAtEveryPairSays() throws IOException {
    float[][] asked = rows(80, 6, 4);
    float[][] kept = rows(80, 6, 5);
    for (int i = 0; i < 80; i++) { // half alike
      float[] turned = turned(asked)[i];
      for (int j = 0; j < 6; j++) {
        kept[i][j] = turned[j] + 0.3f * kept[i][j];
      }
      VectorIndex.unit(kept[i]);
    }
    VectorBridge bridge = VectorBridge.fit(FROM, TO, asked, kept);
    int found = 0;
    for (int q = 0; q < 80; q++) {
      List<Integer> truth = nearest(asked, asked[q], q);
      List<Integer> over = nearest(kept, VectorIndex.unit(bridge.map(asked[q])), q);
      found += (int) over.stream().filter(truth::contains).count();
    }
    assertThat(found).isStrictlyBetween(100, 790);
    assertThat(bridge.recall(asked, kept, 10)).isEqualTo(found / 800.0);
  }

  private static List<Integer> nearest(float[][] rows, float[] query, int self) {
    List<Integer> all = new ArrayList<>();
    double[] cosine = new double[rows.length];
    for (int j = 0; j < rows.length; j++) {
      for (int k = 0; k < query.length; k++) {
        cosine[j] += (double) query[k] * rows[j][k];
      }
      if (j != self) {
        all.add(j);
      }
    }
    all.sort(Comparator.comparingDouble(j -> -cosine[j]));
    return all.subList(0, 10);
  }

  @Test
  void aKeptBridgeIsTheSameAndADamagedOneIsRefused() throws IOException {
    float[][] all = rows(60, 8, 6);
    VectorBridge bridge = VectorBridge.fit(FROM, TO, all, turned(all)).measured(0.75);
    Path file = folder.resolve("photos@2.bridge");
    bridge.write(file);
    VectorBridge read = VectorBridge.read(file);
    assertThat(read.map(all[0])).isEqualTo(bridge.map(all[0]));
    assertThat(read.recall()).isEqualTo(0.75);
    assertThat(read.from()).isEqualTo(FROM);
    assertThat(read.to()).isEqualTo(TO);

    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 5] ^= 4;
    Files.write(file, bytes);
    assertThatThrownBy(() -> VectorBridge.read(file)).isInstanceOf(IOException.class);
  }
}
