package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import dev.millrace.insight.Collapse.Kind;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On features whose rank is known: r cosines over N pictures, alike in size, turned into D. */
class CollapseTest {
  private static final int N = 128;
  private static final int D = 64;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** {@code [N, D]} of effective rank r, in directions that no axis shows. */
  private static Tensor ofRank(int r) {
    float[] values = new float[N * r];
    for (int i = 0; i < N; i++) {
      for (int k = 0; k < r; k++) {
        double angle = 2 * Math.PI * (k / 2 + 1) * i / N;
        values[i * r + k] = (float) (k % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
      }
    }
    return tensor(values, N, r).matmul(turned(r));
  }

  /** Orthonormal rows in D dimensions. */
  private static Tensor turned(int r) {
    float[] values = new float[D * D];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(7, "turned").at(i).gaussian();
    }
    return torch.linalg_qr(tensor(values, D, D)).get0().narrow(0, 0, r);
  }

  private static Tensor tensor(float[] values, long... shape) {
    return torch.from_blob(new FloatPointer(values), shape).clone();
  }

  /** What a run's looks at such features say, one after another. */
  private static List<Kind> looks(int... ranks) {
    List<Kind> found = new ArrayList<>();
    double best = 0;
    for (int r : ranks) {
      try (PointerScope scope = new PointerScope()) {
        Tensor features = ofRank(r);
        double rank = Representation.effectiveRank(features);
        assertThat(rank).isCloseTo(r, within(1e-3));
        found.add(kind(Representation.variance(features), rank, Collapse.reach(N, D, 0), best));
        best = Math.max(best, rank);
      }
    }
    return found;
  }

  private static Kind kind(double variance, double rank, int reach, double best) {
    return Collapse.of(variance, rank, reach, best).map(Collapse::kind).orElse(null);
  }

  @Test
  void featuresAreJudgedByTheDimensionsThatTheyCouldUse() {
    assertThat(looks(1)).containsExactly(Kind.LINE);
    // A 32nd of 63 directions is 1.97.
    assertThat(looks(2)).containsOnlyNulls();
    assertThat(kind(0.3, 1.9, Collapse.reach(N, D, 0), 0)).isEqualTo(Kind.FEW_DIMENSIONS);
    assertThat(kind(0.3, 15, 511, 0)).isEqualTo(Kind.FEW_DIMENSIONS);
    assertThat(kind(0.3, 17, 511, 0)).isNull();
  }

  @Test
  void aFallBelowAQuarterOfTheBestSoFarIsACollapseToAFewDimensions() {
    assertThat(looks(8, 40, 30, 11, 9, 2, 41))
        .containsExactly(null, null, null, null, Kind.LOST_DIMENSIONS, Kind.LOST_DIMENSIONS, null);
    assertThat(Collapse.of(0.3, 9, 63, 40).orElseThrow().words())
        .isEqualTo("to a few dimensions: effective rank 9.00 of 63, after 40.00 at its best");
  }

  @Test
  void aChunkOfFewPicturesIsHeldToWhatTheyCanSpan() {
    // Ten pictures span nine directions, however many a larger chunk had before.
    assertThat(kind(0.3, 8, Collapse.reach(10, D, 0), 60)).isNull();
    assertThat(kind(0.3, 2, Collapse.reach(10, D, 0), 60)).isEqualTo(Kind.LOST_DIMENSIONS);
    assertThat(kind(0.3, 1, Collapse.reach(2, D, 0), 60)).isNull();
  }

  @Test
  void classesThatAreApartNeedOneDimensionLessThanTheirNumber() {
    // Neural collapse is what training with labels is after.
    assertThat(kind(0.3, 9, Collapse.reach(N, D, 10), 60)).isNull();
    assertThat(kind(0.3, 1, Collapse.reach(N, D, 2), 60)).isNull();
    assertThat(kind(0.3, 10.9, Collapse.reach(N, D, 50), 69)).isEqualTo(Kind.LOST_DIMENSIONS);
  }

  @Test
  void embeddingsMayLieOnALineButNotInAPoint() {
    assertThat(Collapse.ofEmbeddings(0.001)).isEmpty();
    assertThat(Collapse.ofEmbeddings(0.0009).orElseThrow().words())
        .isEqualTo(
            "behind the projector to a point: the variance of unit embeddings is 0.00090, expected at least 0.001");
    assertThat(Collapse.ofEmbeddings(Double.NaN).map(Collapse::kind)).contains(Kind.POINT);
  }

  @Test
  void embeddingsMayPointApartAndStillHaveShrunk() {
    assertThat(Collapse.ofSpread(0.1, 1)).isEmpty();
    assertThat(Collapse.ofSpread(0.0359, 1).orElseThrow().words())
        .isEqualTo(
            "behind the projector to a point: embeddings deviate by 0.0359 from their mean, where the loss asks for 1.0");
    assertThat(Collapse.ofSpread(Double.NaN, 1).map(Collapse::kind)).contains(Kind.POINT);
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = ofRank(20);
      assertThat(Representation.spread(rows.mul(new Scalar(0.01)).add(new Scalar(3))))
          .isCloseTo(0.01 * Representation.spread(rows), within(1e-6));
    }
  }

  @Test
  void assignmentsMaySpreadOverAllPrototypesButNotMeetInOne() {
    assertThat(Collapse.ofAssignments(1.5, 32)).isEmpty();
    assertThat(Collapse.ofAssignments(1, 2)).as("too few to say").isEmpty();
    assertThat(Collapse.ofAssignments(1.02, 32).orElseThrow().words())
        .isEqualTo("to one prototype: pictures are assigned to 1.02 of 32");
    assertThat(Collapse.ofAssignments(Double.NaN, 32).map(Collapse::kind))
        .contains(Kind.ONE_PROTOTYPE);
    try (PointerScope scope = new PointerScope()) {
      Tensor each = torch.eye(4);
      assertThat(Representation.effectivePrototypes(each, 0.01)).isCloseTo(4, within(1e-6));
      assertThat(Representation.effectivePrototypes(each.narrow(0, 2, 1), 0.01))
          .isCloseTo(1, within(1e-6));
      assertThat(Representation.effectivePrototypes(each.mul(new Scalar(0.0)), 1))
          .as("all alike")
          .isCloseTo(4, within(1e-6));
    }
  }

  @Test
  void pointsAreToldFromLines() {
    try (PointerScope scope = new PointerScope()) {
      Tensor point = ofRank(20).mul(new Scalar(1e-4)).add(new Scalar(1));
      assertThat(
              kind(Representation.variance(point), Representation.effectiveRank(point), D - 1, 0))
          .isEqualTo(Kind.POINT);
      assertThat(kind(Double.NaN, 10, D - 1, 0)).isEqualTo(Kind.POINT);
      assertThat(Collapse.of(1e-5, 10, 63, 0).orElseThrow().words())
          .startsWith("to a point: the variance of unit features is 0.00001");
    }
  }
}
