package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NativeBuffersTest {
  /** Values of a view of 224 pixels. */
  private static final long VIEW = 3L * 224 * 224;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void aRowIsAViewOfItsPlaceAlone() {
    try (FloatPointer memory = new FloatPointer(0, 1, 2, 3, 4, 5, 6)) {
      FloatBuffer row = NativeBuffers.row(memory, 1, 3);
      assertThat(row.position()).isZero();
      assertThat(row.remaining()).isEqualTo(3);
      assertThat(row.get(0)).isEqualTo(3);
      row.put(2, 50);
      float[] all = new float[7];
      memory.get(all);
      assertThat(all).containsExactly(0, 1, 2, 3, 4, 50, 6);
    }
  }

  @Test
  void rowsBehindTwoGibibytesAndBehindTwoToTheThirtyFirstValuesLieWhereTheyShould() {
    for (long row : new long[] {3_600, 4_095, 15_000, 100_000}) {
      try (FloatPointer memory = new FloatPointer(VIEW)) {
        // As if it were the last of so many rows; those before are not there and not touched.
        FloatPointer many = memory.getPointer(-row * VIEW).capacity((row + 1) * VIEW);
        FloatBuffer last = NativeBuffers.row(many, row, VIEW);
        last.put(0, row).put((int) VIEW - 1, -row);
        assertThat(last.remaining()).isEqualTo((int) VIEW);
        assertThat(memory.get(0)).isEqualTo(row);
        assertThat(memory.get(VIEW - 1)).isEqualTo(-row);
      }
    }
  }

  @Test
  void partsOfMoreThanTwoGibibytesLieNextToEachOtherAndAreWhole() {
    long most = 1 << 30;
    for (long before : new long[] {2, 3, 40}) {
      try (BytePointer memory = new BytePointer(10L)) {
        BytePointer all = memory.getPointer(-before * most).capacity(before * most + 10);
        List<ByteBuffer> parts = NativeBuffers.parts(all, before * most + 10, most);
        assertThat(parts).hasSize((int) before + 1);
        assertThat(parts.stream().mapToLong(ByteBuffer::remaining).sum())
            .isEqualTo(before * most + 10);
        parts.get((int) before).put(9, (byte) 77);
        assertThat(memory.get(9)).isEqualTo((byte) 77);
      }
    }
  }

  @Test
  void rowsThatAreNotThereAreRefused() {
    try (FloatPointer memory = new FloatPointer(7L)) {
      assertThatThrownBy(() -> NativeBuffers.row(memory, 2, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has 7");
      assertThatThrownBy(() -> NativeBuffers.row(memory, -1, 3))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> NativeBuffers.row(memory, 0, 1L << 29))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be a buffer");
    }
  }
}
