package dev.millrace.vision.encoder.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.engine.Processor;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What oneDNN can be asked for on the processor of these tests. */
final class OneDnnPrimitives {
  private OneDnnPrimitives() {}

  /**
   * A net must have gone through oneDNN, except on processors without bfloat16 instructions: these
   * lack fast primitives for some layers, and libtorch's operators are right to be taken.
   */
  static void require(boolean taken) {
    try {
      String found = Processor.bf16();
      if (found == null || found.startsWith("none")) {
        assumeTrue(taken, "this processor has no fast primitive for one of the layers");
      }
      assertThat(taken).as("through oneDNN").isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
