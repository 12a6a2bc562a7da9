package dev.millrace.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class OneDnnTest {
  private static convolution_forward.primitive_desc convolution(
      memory.data_type type, long channels) {
    long[] one = {1, 1};
    long[] none = {0, 0};
    return new convolution_forward.primitive_desc(
        OneDnn.cpu(),
        dnnl.dnnl_forward_training,
        dnnl.dnnl_convolution_direct,
        new memory.desc(new long[] {1, channels, 8, 8}, type, memory.format_tag.any),
        new memory.desc(new long[] {16, 16, 1, 1}, type, memory.format_tag.any),
        new memory.desc(new long[] {1, 16, 8, 8}, type, memory.format_tag.any),
        one,
        none,
        none);
  }

  /** No processor convolves in double precision through oneDNN. */
  @Test
  void aPrimitiveThatDoesNotExistIsLacking() {
    assumeThat(OneDnn.available()).isTrue();
    try (PointerScope scope = new PointerScope()) {
      convolution(memory.data_type.f32, 16);
      RuntimeException refused =
          catchThrowableOfType(RuntimeException.class, () -> convolution(memory.data_type.f64, 16));
      assertThat(OneDnn.lacks(refused)).as(refused.getMessage()).isTrue();
    }
  }

  @Test
  void memoryThatRunsOutIsNotALack() {
    assertThat(OneDnn.lacks(new RuntimeException("could not create a primitive"))).isFalse();
    assertThat(OneDnn.lacks(new RuntimeException("std::bad_alloc"))).isFalse();
    assertThat(OneDnn.lacks(new RuntimeException())).isFalse();
    assertThat(OneDnn.lacks(new UnsupportedOperationException("only a plain loop"))).isTrue();
  }
}
