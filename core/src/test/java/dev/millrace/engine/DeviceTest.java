package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:01", "cuda:-1", "cuda:100", "CUDA", "cpu:0"})
  void otherNamesAreRefused(String name) {
    assertThatThrownBy(() -> new Device(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--device " + name + " is unknown; allowed: cpu, cuda, cuda:0, cuda:1, …");
  }

  @Test
  void cudaIsTheFirstCard() {
    assertThat(new Device("cuda")).isEqualTo(new Device("cuda:0"));
    assertThat(new Device("cuda:1")).isNotEqualTo(new Device("cuda"));
  }

  @Test
  void theProcessorIsAlwaysThere() {
    Device cpu = new Device("cpu");
    assertThat(cpu.require()).isSameAs(cpu);
    assertThat(cpu.cuda()).isFalse();
  }

  @Test
  void aCardThatIsNotThereIsRefusedWithTheMend() {
    Natives.load();
    String found =
        Context.hasCUDART()
            ? Device.cards() == 0 ? "nvidia-smi" : "there "
            : "build with MILLRACE_PROFILE=cuda";
    assertThatThrownBy(() -> new Device("cuda:99").require())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--device cuda:99: ")
        .hasMessageContaining(found)
        .hasMessageEndingWith("or use --device cpu");
  }

  @Test
  void singlePrecisionOnACardIsFloat32() {
    Natives.load();
    assertThat(org.bytedeco.pytorch.global.torch.globalContext().allowTF32CuDNN()).isFalse();
    assertThat(org.bytedeco.pytorch.global.torch.globalContext().deterministicCuDNN()).isTrue();
  }
}
