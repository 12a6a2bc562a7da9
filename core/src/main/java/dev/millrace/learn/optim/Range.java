package dev.millrace.learn.optim;

import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/**
 * Some of the flat weights, one after the other.
 *
 * @param from the first
 * @param size how many
 */
record Range(long from, long size) {
  /** The tensors of a layout that are meant; neighbours are one range. */
  static List<Range> of(Parameters weights, Predicate<Parameters.Entry> meant) {
    List<Range> ranges = new ArrayList<>();
    for (Parameters.Entry entry : weights.layout().entries()) {
      if (!meant.test(entry)) {
        continue;
      }
      Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
      if (last != null && last.from + last.size == entry.offset()) {
        ranges.set(ranges.size() - 1, new Range(last.from, last.size + entry.size()));
      } else {
        ranges.add(new Range(entry.offset(), entry.size()));
      }
    }
    return List.copyOf(ranges);
  }

  /** The part of a flat tensor, in its memory; call inside a pointer scope. */
  Tensor in(Tensor flat) {
    return flat.narrow(0, from, size);
  }
}
