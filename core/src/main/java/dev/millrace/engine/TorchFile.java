package dev.millrace.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Enumeration;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Files of {@code torch.save} since torch 1.6: a zip archive that is not compressed, with a pickle
 * that describes the tensors and a record for each storage. Nothing of the pickle is executed.
 */
final class TorchFile {
  private TorchFile() {}

  /**
   * What the file's pickle holds, as {@link TensorPickle#read} gives it.
   *
   * @throws IOException if it is damaged or compressed
   */
  static Object read(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String root = root(file, zip);
      ZipEntry order = zip.getEntry(root + "byteorder");
      ByteOrder endian =
          order != null && new String(bytes(file, zip, order), StandardCharsets.UTF_8).equals("big")
              ? ByteOrder.BIG_ENDIAN
              : ByteOrder.LITTLE_ENDIAN;
      ZipEntry pickle = zip.getEntry(root + "data.pkl");
      requireShort(file, pickle.getSize());
      TensorPickle.Storages storages =
          (key, type, elements) -> storage(file, zip, root + "data/" + key, endian, type, elements);
      return new TensorPickle(file, ByteBuffer.wrap(bytes(file, zip, pickle)), storages).read();
    } catch (ZipException e) {
      throw new IOException(
          file
              + " is damaged or cut short: its zip archive cannot be read ("
              + e.getMessage()
              + "); fetch or copy it again",
          e);
    } catch (IllegalArgumentException e) { // names that are not UTF-8
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  static void requireShort(Path file, long pickle) throws IOException {
    if (pickle > TensorPickle.LONGEST) {
      throw new IOException(
          "%s has a pickle of %d bytes; one of at most %d is read: save its state dict alone"
              .formatted(file, pickle, TensorPickle.LONGEST));
    }
  }

  /** The folder that all records are in, with a slash behind it. */
  private static String root(Path file, ZipFile zip) throws IOException {
    String root = null;
    boolean program = false;
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      String name = all.nextElement().getName();
      program |= name.endsWith("/constants.pkl");
      if (name.endsWith("/data.pkl") && name.indexOf('/') == name.length() - "/data.pkl".length()) {
        root = name.substring(0, name.indexOf('/') + 1);
      }
    }
    if (program) {
      throw new IOException(
          file
              + " is a TorchScript program; save its state dict: torch.save(m.state_dict(), FILE)");
    }
    if (root == null) {
      throw new IOException(
          file + " is a zip archive, but none of torch.save: it has no record data.pkl");
    }
    return root;
  }

  private static StoredTensor.Storage storage(
      Path file, ZipFile zip, String name, ByteOrder order, ElementType type, long elements)
      throws IOException {
    ZipEntry entry = zip.getEntry(name);
    long found = entry == null ? -1 : entry.getSize();
    if (found < 0 || found / type.bytes() != elements || found % type.bytes() != 0) {
      throw new IOException(
          "%s is damaged: its record %s %s, expected %d numbers of %d bytes"
              .formatted(
                  file,
                  name,
                  entry == null ? "is missing" : "has " + found + " bytes",
                  elements,
                  type.bytes()));
    }
    requireStored(file, entry);
    return new StoredTensor.Storage(
        type,
        elements,
        order,
        () -> {
          try (ZipFile again = new ZipFile(file.toFile())) {
            ZipEntry same = again.getEntry(name);
            if (same == null || same.getSize() != found) {
              throw new IOException(file + " changed while it was read");
            }
            return bytes(file, again, same);
          }
        });
  }

  /** Nothing that is not compressed can be larger than the file. */
  private static void requireStored(Path file, ZipEntry entry) throws IOException {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new IOException(
          file
              + " has a compressed record "
              + entry.getName()
              + "; torch.save compresses nothing: load it with torch and save it again");
    }
  }

  private static byte[] bytes(Path file, ZipFile zip, ZipEntry entry) throws IOException {
    requireStored(file, entry);
    if (entry.getSize() > java.nio.file.Files.size(file)) {
      throw new IOException(
          "%s is damaged: its record %s claims %d bytes, more than the file has"
              .formatted(file, entry.getName(), entry.getSize()));
    }
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes((int) Math.min(entry.getSize(), Integer.MAX_VALUE - 8));
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    // torch can be told to compute no checksums; it writes 0 then.
    if (bytes.length != entry.getSize() || entry.getCrc() > 0 && entry.getCrc() != crc.getValue()) {
      throw new IOException(
          file + " is damaged: its record " + entry.getName() + " does not fit its checksum");
    }
    return bytes;
  }

  /** Reads a stretch of a file that is not zipped. */
  static byte[] bytes(Path file, long from, long count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(count));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.position(from);
      SafetensorsHeader.readAll(channel, bytes);
    }
    return bytes.array();
  }
}
