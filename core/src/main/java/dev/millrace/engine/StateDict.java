package dev.millrace.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The named tensors of a weights file: safetensors, or {@code torch.save}'s, whose pickle is read
 * without executing anything. Opening one reads no numbers and needs nothing native. Immutable.
 *
 * @param tensors by name, in the file's order
 * @param metadata what a safetensors file says of itself; empty for others
 */
public record StateDict(Map<String, StoredTensor> tensors, Map<String, String> metadata) {
  /** Under which names training scripts put their model's state dict, the most usual first. */
  private static final List<String> WRAPPERS = List.of("state_dict", "model_state_dict", "model");

  private static final int WRAPPED = 3;

  /** Makes the maps immutable. */
  public StateDict {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Map.copyOf(metadata);
  }

  /**
   * Looks at a file of any of the known formats; its first bytes tell which.
   *
   * @throws IOException if it is of none of them, damaged, or wants to call something; the message
   *     names file, finding and mend
   */
  public static StateDict open(Path file) throws IOException {
    byte[] first = TorchFile.bytes(file, 0, Math.min(Files.size(file), 512));
    // First, since a header's length may begin with any byte, that of a pickle too.
    if (begins(first, 4, 0, 0, 0, 0, '{')) {
      return ofSafetensors(file);
    }
    if (begins(first, 0, 'P', 'K', 3, 4)) {
      return new StateDict(tensors(file, TorchFile.read(file)), Map.of());
    }
    if (begins(first, 0, 0x80)) {
      return new StateDict(tensors(file, OldTorchFile.read(file)), Map.of());
    }
    if (begins(first, 257, 'u', 's', 't', 'a', 'r')) {
      throw new IOException(
          file
              + " is a tar archive; if torch before 0.1.10 wrote it, load it with torch and save it again with torch.save");
    }
    throw new IOException(
        file
            + (Files.size(file) == 0 ? " is empty, and so" : " is")
            + " neither a safetensors file nor one of torch.save; give one of the two");
  }

  private static boolean begins(byte[] bytes, int at, int... with) {
    boolean same = bytes.length >= at + with.length;
    for (int i = 0; same && i < with.length; i++) {
      same = bytes[at + i] == (byte) with[i];
    }
    return same;
  }

  private static StateDict ofSafetensors(Path file) throws IOException {
    SafetensorsHeader header;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      header = SafetensorsHeader.read(file, channel);
      header.requireIntact(file);
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.entries()) {
      tensors.put(
          entry.name(),
          StoredTensor.dense(
              new StoredTensor.Storage(
                  entry.type(),
                  entry.bytes() / entry.type().bytes(),
                  java.nio.ByteOrder.LITTLE_ENDIAN,
                  () -> TorchFile.bytes(file, entry.position(), entry.bytes())),
              entry.shape()));
    }
    return new StateDict(tensors, header.metadata());
  }

  private static Map<String, StoredTensor> tensors(Path file, Object content) throws IOException {
    Object at = content;
    for (int depth = 0; depth <= WRAPPED; depth++) {
      if (!(at instanceof Map<?, ?> map)) {
        break;
      }
      Object inner = null;
      for (String wrapper : WRAPPERS) {
        inner = inner == null && map.get(wrapper) instanceof Map<?, ?> dict ? dict : inner;
      }
      if (inner == null) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        map.forEach(
            (name, value) -> {
              if (name instanceof String word && value instanceof StoredTensor tensor) {
                tensors.put(word, tensor);
              }
            });
        if (tensors.isEmpty()) {
          throw new IOException(
              "%s holds no tensors but %s; expected a state dict, or one under %s"
                  .formatted(file, names(map), String.join(", ", WRAPPERS)));
        }
        return tensors;
      }
      at = inner;
    }
    throw new IOException(
        file + " holds no dictionary of tensors; save one: torch.save(model.state_dict(), FILE)");
  }

  private static String names(Map<?, ?> map) {
    List<String> names = new ArrayList<>();
    for (Object name : map.keySet()) {
      if (names.size() == 10) {
        names.add("…");
        break;
      }
      names.add(String.valueOf(name));
    }
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }
}
