package dev.millrace.exchange.torchscript;

import dev.millrace.vision.encoder.Transcript;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a network's steps as lines of TorchScript and gives its weights to a module; a batch on
 * its way is the name of a variable.
 */
final class ScriptSource implements Transcript<String> {
  private final JitModule module;
  private final List<String> lines = new ArrayList<>();

  /**
   * A writer for a module that has buffers {@code mean} and {@code std}.
   *
   * @param module receives the weights as buffers
   */
  ScriptSource(JitModule module) {
    this.module = module;
    line("x", "(pixels - self.mean) / self.std");
  }

  @Override
  public String convolution(
      String name, String x, Tensor weight, Tensor bias, long stride, long padding, boolean relu) {
    String own = name.replace('.', '_');
    module.register_buffer(own + "_weight", weight.clone());
    module.register_buffer(own + "_bias", bias.clone());
    String y =
        "torch.conv2d(%s, self.%s_weight, self.%s_bias, [%d, %d], [%d, %d])"
            .formatted(x, own, own, stride, stride, padding, padding);
    return line(own, relu ? "torch.relu(" + y + ")" : y);
  }

  @Override
  public String join(String y, String shortcut) {
    return line(y, "torch.relu(" + y + " + " + shortcut + ")");
  }

  @Override
  public String pool(String x) {
    return line("maxpool", "torch.max_pool2d(" + x + ", [3, 3], [2, 2], [1, 1])");
  }

  @Override
  public String mean(String x) {
    return line("features", "torch.flatten(torch.adaptive_avg_pool2d(" + x + ", [1, 1]), 1)");
  }

  /** The module's method. */
  String text(String result) {
    return "def forward(self, pixels: Tensor) -> Tensor:\n"
        + String.join("", lines)
        + "    return "
        + result
        + "\n";
  }

  private String line(String name, String value) {
    lines.add("    " + name + " = " + value + "\n");
    return name;
  }
}
