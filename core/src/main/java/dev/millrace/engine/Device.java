package dev.millrace.engine;

import java.util.regex.Pattern;

/**
 * Where tensors live.
 *
 * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record Device(String name) {
  private static final Pattern NAMES = Pattern.compile("cpu|cuda(:\\d+)?");

  /** Refuses other names; whether the card exists shows when it is used. */
  public Device {
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "--device " + name + " is unknown; allowed: cpu, cuda, cuda:0, cuda:1, …");
    }
  }

  /** Whether this is a CUDA card. */
  public boolean cuda() {
    return name.startsWith("cuda");
  }

  /** libtorch's name of it; belongs to the caller's scope. */
  public org.bytedeco.pytorch.Device torch() {
    return new org.bytedeco.pytorch.Device(name);
  }
}
