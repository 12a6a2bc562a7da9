package dev.millrace.engine;

import java.io.IOException;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The arithmetic of a forward pass. */
public enum Precision {
  /** Single precision throughout. */
  FP32,
  /** bfloat16 products, float32 weights: autocast. */
  BF16;

  private static final Logger LOG = LoggerFactory.getLogger(Precision.class);

  /**
   * bfloat16 where a device computes in it, else single precision: a processor without such
   * instructions, or a card without such units, takes several times as long for the detour. The
   * same on equal machines. Of a card it loads libtorch.
   */
  public static Precision fastest(Device device) {
    try {
      boolean computes = device.cuda() ? device.cardComputesBf16() : Processor.computesBf16();
      return computes ? BF16 : FP32;
    } catch (IOException e) {
      LOG.debug("what the processor has is unknown", e);
      return FP32;
    }
  }

  /** A forward pass in some precision, until closed; per thread, does not nest. */
  public static final class Autocast implements AutoCloseable {
    private final DeviceType type;

    private Autocast(DeviceType type) {
      this.type = type;
    }

    @Override
    public void close() {
      if (type != null) {
        torch.clear_cache();
        torch.set_autocast_enabled(type, false);
      }
    }
  }

  /** Begins a forward pass in this precision on a device; close the result after it. */
  public Autocast autocast(Device device) {
    if (this == FP32) {
      return new Autocast(null);
    }
    DeviceType type = device.cuda() ? DeviceType.CUDA : DeviceType.CPU;
    torch.set_autocast_enabled(type, true);
    torch.set_autocast_dtype(type, ScalarType.BFloat16);
    return new Autocast(type);
  }
}
