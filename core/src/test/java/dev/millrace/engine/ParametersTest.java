package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.ones;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParametersTest {
  private static final Device CPU = new Device("cpu");
  private static final Parameters.Layout LAYOUT =
      Parameters.Layout.builder().add("bias", 5).add("conv", 4, 3, 2, 2).add("fc", 2, 4).build();

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void namesLieOneBehindTheOtherAndStandOnce() {
    assertThat(LAYOUT.entries()).extracting("name").containsExactly("bias", "conv", "fc");
    assertThat(LAYOUT.entries()).extracting("offset").containsExactly(0L, 5L, 53L);
    assertThat(LAYOUT.size()).isEqualTo(61);
    assertThatThrownBy(() -> Parameters.Layout.builder().add("a", 1).add("a", 2))
        .hasMessageContaining("called a");
    try (Parameters parameters = new Parameters(LAYOUT, CPU, false)) {
      assertThatThrownBy(() -> parameters.get("nope")).hasMessageContaining("nope");
    }
  }

  @Test
  void viewsShareTheFlatStorageInChannelsLastOrder() {
    try (PointerScope scope = new PointerScope();
        Parameters parameters = new Parameters(LAYOUT, CPU, true)) {
      Tensor conv = parameters.get("conv");
      assertThat(conv.sizes().vec().get()).containsExactly(4, 3, 2, 2);
      assertThat(conv.is_contiguous(MemoryFormat.ChannelsLast)).isTrue();
      // Element (1, 2, 0, 1) of (o, i, h, w) is element (1, 0, 1, 2) of (o, h, w, i).
      parameters.flat().narrow(0, 5 + 12 + 3 + 2, 1).fill_(new Scalar(7));
      assertThat(conv.select(0, 1).select(0, 2).select(0, 0).select(0, 1).item_float())
          .isEqualTo(7);
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void backwardAddsIntoTheFlatGradient(Precision precision) {
    try (PointerScope scope = new PointerScope();
        Parameters parameters = new Parameters(LAYOUT, CPU, true)) {
      parameters.flat().fill_(new Scalar(1));
      for (int pass = 1; pass <= 3; pass++) {
        Tensor y;
        try (Precision.Autocast cast = precision.autocast(CPU)) {
          Tensor x = ones(8, 3, 2, 2).contiguous(MemoryFormat.ChannelsLast);
          y = linear(conv2d(x, parameters.get("conv")).flatten(1, -1), parameters.get("fc"));
        }
        assertThat(y.scalar_type().intern())
            .isEqualTo(precision == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float);
        y.to(ScalarType.Float).sum().backward();
        assertThat(floats(parameters.gradient().narrow(0, 0, 5))).containsOnly(0);
        // Each conv weight sees 8 ones, times two outputs; each fc weight 8 twelves.
        assertThat(floats(parameters.gradient().narrow(0, 5, 48))).containsOnly(16f * pass);
        assertThat(floats(parameters.gradient().narrow(0, 53, 8))).containsOnly(96f * pass);
        assertThat(parameters.get("conv").grad().data_ptr().address())
            .isEqualTo(parameters.gradient().data_ptr().address() + 5 * 4);
      }
      parameters.zeroGradient();
      assertThat(floats(parameters.get("fc").grad())).containsOnly(0);
    }
  }

  @Test
  void tensorsMadeInsideAScopeOutliveIt() {
    Parameters parameters;
    Parameters twin;
    try (PointerScope scope = new PointerScope()) {
      parameters = new Parameters(LAYOUT, CPU, true);
      parameters.flat().fill_(new Scalar(2));
      twin = parameters.twin();
    }
    try (PointerScope scope = new PointerScope()) {
      parameters.get("fc").sum().backward();
    }
    try (PointerScope scope = new PointerScope()) {
      assertThat(parameters.gradient().sum().item_float()).isEqualTo(8);
      assertThat(twin.flat().sum().item_float()).isEqualTo(2 * 61);
    }
    Tensor flat = parameters.flat();
    parameters.close();
    twin.close();
    assertThat(flat.isNull()).isTrue();
  }

  @Test
  void aTwinIsIndependentAndWithoutGradient() {
    try (PointerScope scope = new PointerScope();
        Parameters parameters = new Parameters(LAYOUT, CPU, true)) {
      parameters.flat().fill_(new Scalar(2));
      try (Parameters twin = parameters.twin()) {
        parameters.flat().fill_(new Scalar(5));
        assertThat(floats(twin.get("fc"))).containsOnly(2);
        assertThat(twin.get("fc").requires_grad()).isFalse();
        assertThat(twin.gradient()).isNull();
        twin.copyFrom(parameters);
        assertThat(floats(twin.get("fc"))).containsOnly(5);
      }
    }
  }

  private static float[] floats(Tensor tensor) {
    Tensor rowMajor = tensor.detach().contiguous();
    float[] values = new float[(int) rowMajor.numel()];
    rowMajor.data_ptr_float().get(values);
    return values;
  }
}
