package dev.millrace.engine;

import dev.millrace.refusal.UsageException;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * Where tensors live. {@code cuda} is the first card and equal to {@code cuda:0}. Immutable.
 *
 * @param name {@code cpu} or {@code cuda:N}
 */
public record Device(String name) {
  private static final Pattern NAMES = Pattern.compile("cpu|cuda(:(0|[1-9]\\d?))?");
  private static final String FIRST_CARD = "cuda:0";

  /** Refuses other names; {@link #require} asks whether the card exists. */
  public Device {
    if (!NAMES.matcher(name).matches()) {
      throw UsageException.of(
          "--device", name + " is unknown; allowed: cpu, cuda, cuda:0, cuda:1, …");
    }
    name = name.equals("cuda") ? FIRST_CARD : name;
  }

  /** Whether this is a CUDA card. */
  public boolean cuda() {
    return name.startsWith("cuda");
  }

  /**
   * This device, if it can be used here; loads libtorch when it is a card.
   *
   * @throws IllegalArgumentException naming what was found, and the mend
   */
  public Device require() {
    if (!cuda()) {
      return this;
    }
    int cards = cards();
    if (index() < cards) {
      return this;
    }
    String missing = Natives.withoutCards();
    String found;
    if (!missing.isEmpty()) {
      found =
          "libtorch's part for NVIDIA cards does not load: "
              + missing
              + "; put the libraries of CUDA 13, cuDNN 9 and NCCL 2 on the library path";
    } else if (!Context.hasCUDART()) {
      found =
          "this is libtorch for processors alone; build with MILLRACE_PROFILE=cuda for NVIDIA cards";
    } else if (cards == 0) {
      found =
          "libtorch finds no NVIDIA card that it can use; look at nvidia-smi, the driver and CUDA_VISIBLE_DEVICES";
    } else {
      found =
          cards == 1
              ? "there is one card, " + FIRST_CARD
              : "there are cuda:0 to cuda:" + (cards - 1);
    }
    throw UsageException.of("--device", name + ": " + found + ", or use --device cpu");
  }

  /** Which card. */
  private int index() {
    return Integer.parseInt(name.substring(name.indexOf(':') + 1));
  }

  /**
   * Whether a card has units for bfloat16, as those of compute capability 8.0 and above; of one
   * that is not here they are taken for granted, as it is refused by {@link #require}. Loads
   * libtorch.
   */
  boolean cardComputesBf16() {
    if (index() >= cards()) {
      return true;
    }
    byte before = torch.exchangeDevice((byte) index());
    try {
      // What libtorch says of cuDNN's convolutions is by nothing but the current card's capability.
      return torch.getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
    } finally {
      torch.setDeviceIndex(before);
    }
  }

  /** CUDA cards that libtorch can use; loads libtorch. */
  public static int cards() {
    Natives.load();
    return Context.hasCUDART() ? torch.cuda_device_count() : 0;
  }

  /** What there is of cards, in words; loads libtorch. */
  public static String told() {
    int cards = cards();
    if (Context.hasCUDART()) {
      return "%d, CUDA %d, cuDNN %d"
          .formatted(cards, Context.versionCUDART(), Context.versionCuDNN());
    }
    String missing = Natives.withoutCards();
    return missing.isEmpty()
        ? "none asked of this libtorch, which is for processors alone"
        : "none: libtorch's part for them does not load: " + missing;
  }

  /** libtorch's name of it; belongs to the caller's scope. */
  public org.bytedeco.pytorch.Device torch() {
    return new org.bytedeco.pytorch.Device(name);
  }
}
