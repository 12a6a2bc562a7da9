package dev.millrace.exchange.torchscript;

import dev.millrace.vision.encoder.Transcript;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a network's steps as lines of TorchScript and gives its weights to a module; a batch on
 * its way is the name of a variable. Numbers are written by {@code %s}, since {@code %d} takes the
 * digits of the machine's locale.
 */
final class ScriptSource implements Transcript<String> {
  private final JitModule module;
  private final List<String> lines = new ArrayList<>();
  private int sums;

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
    String own = own(name, weight, bias);
    String y =
        "torch.conv2d(%s, self.%s_weight, self.%s_bias, [%s, %s], [%s, %s])"
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

  @Override
  public String tokens(String grid, Tensor first, Tensor positions) {
    module.register_buffer("cls_token", first.clone());
    module.register_buffer("pos_embed", positions.clone());
    String rows = "torch.transpose(torch.flatten(" + grid + ", 2), 1, 2)";
    line("first", "self.cls_token.expand([%s.size(0), -1, -1])".formatted(grid));
    return line("tokens", "torch.cat([first, " + rows + "], 1) + self.pos_embed");
  }

  @Override
  public String normalise(String name, String x, Tensor weight, Tensor bias, double epsilon) {
    String own = own(name, weight, bias);
    return line(
        own,
        "torch.layer_norm(%s, [%s], self.%s_weight, self.%s_bias, %s)"
            .formatted(x, weight.size(0), own, own, epsilon));
  }

  @Override
  public String linear(String name, String x, Tensor weight, Tensor bias) {
    String own = own(name, weight, bias);
    return line(own, "torch.linear(%s, self.%s_weight, self.%s_bias)".formatted(x, own, own));
  }

  @Override
  public String attend(String qkv, int heads, int width) {
    line(
        "parts",
        "%s.reshape([%s.size(0), %s.size(1), 3, %s, %s]).permute([2, 0, 3, 1, 4])"
            .formatted(qkv, qkv, qkv, heads, width));
    line(
        "mixed",
        "torch.scaled_dot_product_attention(parts.select(0, 0), parts.select(0, 1), parts.select(0, 2))");
    return line("mixed", "torch.flatten(torch.transpose(mixed, 1, 2), 2)");
  }

  @Override
  public String gelu(String x) {
    return line(x, "torch.gelu(" + x + ")");
  }

  @Override
  public String add(String x, String y) {
    return line("sum" + sums++, x + " + " + y);
  }

  @Override
  public String first(String x) {
    return line("first", x + ".select(1, 0)");
  }

  @Override
  public String features(String x) {
    return x;
  }

  /** A layer's name in the module, which takes its weights as buffers. */
  private String own(String name, Tensor weight, Tensor bias) {
    String own = name.replace('.', '_');
    module.register_buffer(own + "_weight", weight.clone());
    module.register_buffer(own + "_bias", bias.clone());
    return own;
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
