package dev.millrace.engine;

import dev.millrace.file.Printable;
import dev.millrace.pickle.Pickle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors in what a pickle holds: a state dict, or a training script's dictionary with one or
 * several of them in it. Not thread-safe.
 */
final class NestedTensors {
  /** Under which names training scripts put their model's state dict, the most usual first. */
  private static final List<String> WRAPPERS = List.of("state_dict", "model_state_dict", "model");

  private static final int DEEPEST = 6;

  /** Most entries that are looked at: a dictionary may be in itself, or many times in another. */
  private static final int ENTRIES = 200_000;

  private static final int NAMED = 10;
  private static final int LONGEST_NAME = 300;

  private final Path file;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> unknown = new LinkedHashMap<>();
  private int entries;

  private NestedTensors(Path file) {
    this.file = file;
  }

  /**
   * Collects them.
   *
   * @throws IOException if there are none, or more names than any training script's file has
   */
  static StateDict of(Path file, Object content) throws IOException {
    if (content instanceof Pickle.Inert made) {
      throw StateDict.refused(file, made.name());
    }
    if (!(content instanceof Map<?, ?> map)) {
      throw new IOException(
          file + " holds no dictionary of tensors; save one: torch.save(model.state_dict(), FILE)");
    }
    NestedTensors nested = new NestedTensors(file);
    nested.collect("", map, 0);
    if (nested.tensors.isEmpty()) {
      if (!nested.unknown.isEmpty()) {
        throw StateDict.refused(file, nested.unknown.values().iterator().next());
      }
      throw new IOException(
          "%s holds no tensors but %s; expected a state dict, or one under %s"
              .formatted(file, names(map), String.join(", ", WRAPPERS)));
    }
    return new StateDict(nested.tensors, nested.unknown, Map.of());
  }

  private void collect(String prefix, Map<?, ?> map, int depth) throws IOException {
    String wrapper = null;
    for (String each : WRAPPERS) {
      wrapper = wrapper == null && map.get(each) instanceof Map ? each : wrapper;
    }
    if (wrapper != null && depth < DEEPEST) {
      collect(prefix, (Map<?, ?>) map.get(wrapper), depth + 1);
    }
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (++entries > ENTRIES) {
        throw new IOException(
            "%s holds more than %d names; save its state dict alone: torch.save(model.state_dict(), FILE)"
                .formatted(file, ENTRIES));
      }
      if (!(entry.getKey() instanceof String word)
          || word.equals(wrapper)
          || prefix.length() + word.length() > LONGEST_NAME) {
        continue;
      }
      if (entry.getValue() instanceof StoredTensor tensor) {
        tensors.putIfAbsent(prefix + word, tensor);
      } else if (entry.getValue() instanceof Pickle.Inert made) {
        unknown.putIfAbsent(prefix + word, made.name());
      } else if (entry.getValue() instanceof Map<?, ?> inner && depth < DEEPEST) {
        collect(prefix + word + ".", inner, depth + 1);
      }
    }
  }

  private static String names(Map<?, ?> map) {
    List<String> names = new ArrayList<>();
    for (Object name : map.keySet()) {
      if (names.size() == NAMED) {
        names.add("…");
        break;
      }
      names.add(
          name instanceof String || name instanceof Number
              ? Printable.of(name + "", LONGEST_NAME)
              : "another key");
    }
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }
}
