package dev.millrace.engine;

import dev.millrace.file.Printable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The named tensors of a weights file: safetensors, or {@code torch.save}'s, whose pickle is read
 * without executing anything. Opening one reads no numbers and needs nothing native. Immutable.
 *
 * @param tensors by name, in the file's order; those of a dictionary within another have its name
 *     and a dot before theirs, except for the usual names of a model's state dict
 * @param unknown what is no tensor because something unknown would have to be called to make it:
 *     the name of that, by the name of the thing
 * @param metadata what a safetensors file says of itself; empty for others
 */
public record StateDict(
    Map<String, StoredTensor> tensors, Map<String, String> unknown, Map<String, String> metadata) {
  private static final int LONGEST_NAME = 300;

  /** Makes the maps immutable. */
  public StateDict {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    unknown = Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
    metadata = Map.copyOf(metadata);
  }

  /**
   * Looks at a file of any of the known formats; its first bytes tell which.
   *
   * @throws IOException if it is of none of them, damaged, or its tensors would have to be made by
   *     a call of something unknown; the message names file, finding and mend
   */
  public static StateDict open(Path file) throws IOException {
    byte[] first = TorchFile.bytes(file, 0, Math.min(Files.size(file), 512));
    // First, since a header's length may begin with any byte, that of a pickle too.
    if (begins(first, 4, 0, 0, 0, 0, '{')) {
      return ofSafetensors(file);
    }
    if (begins(first, 0, 'P', 'K', 3, 4)) {
      return NestedTensors.of(file, TorchFile.read(file));
    }
    if (begins(first, 0, 0x80)) {
      return NestedTensors.of(file, OldTorchFile.read(file));
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
      header.requireIntact(file, channel);
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
    return new StateDict(tensors, Map.of(), header.metadata());
  }

  /**
   * The refusal of tensors that only a call of something unknown would make.
   *
   * @param name of that, which a file chose
   */
  public static IOException refused(Path file, String name) {
    return new IOException(
        "%s wants to call %s; only tensors are read. If you trust where it comes from, let torch load it and save its state dict alone: torch.save(model.state_dict(), FILE)"
            .formatted(file, Printable.of(name, LONGEST_NAME)));
  }
}
