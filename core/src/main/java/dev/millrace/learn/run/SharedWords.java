package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.learn.network.Ranks;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What each of a run's ranks says, as all then know it. */
final class SharedWords {
  private SharedWords() {}

  /**
   * To be called by all ranks.
   *
   * @param own what this one says
   * @return what each says, in their order
   */
  static List<String> of(Ranks ranks, String own) {
    if (ranks.count() == 1) {
      return List.of(own);
    }
    byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
    long[] lengths = lengths(ranks, bytes.length);
    int longest = Math.toIntExact(Arrays.stream(lengths).max().orElseThrow());
    byte[] all = new byte[Math.multiplyExact(longest, ranks.count())];
    if (longest > 0) {
      try (PointerScope scope = new PointerScope()) {
        BytePointer sent = new BytePointer(longest).put(Arrays.copyOf(bytes, longest), 0, longest);
        Tensor row = from_blob(sent, new long[] {1, longest}, new TensorOptions(ScalarType.Byte));
        new BytePointer(ranks.gather(row).data_ptr()).get(all, 0, all.length);
      }
    }
    List<String> words = new ArrayList<>();
    for (int r = 0; r < lengths.length; r++) {
      words.add(new String(all, r * longest, (int) lengths[r], StandardCharsets.UTF_8));
    }
    return words;
  }

  /** What the first says. */
  static String ofFirst(Ranks ranks, String own) {
    return of(ranks, ranks.index() == 0 ? own : "").get(0);
  }

  private static long[] lengths(Ranks ranks, long own) {
    long[] lengths = new long[ranks.count()];
    try (PointerScope scope = new PointerScope()) {
      LongPointer sent = new LongPointer(1).put(0, own);
      Tensor row = from_blob(sent, new long[] {1}, new TensorOptions(ScalarType.Long));
      new LongPointer(ranks.gather(row).data_ptr()).get(lengths);
    }
    return lengths;
  }
}
