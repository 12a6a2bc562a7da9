package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  /** The question is libtorch's own, so that it can be asked where nothing of CUDA is built in. */
  @Test
  void aCardIsAskedForItsUnitsAndOneThatIsNotHereIsNot() {
    int cards = Device.cards();
    assertThat(Precision.fastest(new Device("cuda:" + cards))).isEqualTo(Precision.BF16);
    boolean units = torch.getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
    if (cards == 0) {
      assertThat(units).isFalse();
    } else {
      assertThat(Precision.fastest(new Device("cuda")))
          .isEqualTo(units ? Precision.BF16 : Precision.FP32);
    }
  }
}
