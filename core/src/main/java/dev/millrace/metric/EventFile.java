package dev.millrace.metric;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Padded;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * An event file as TensorBoard reads it: records of TensorFlow's {@code tfrecord} framing (length,
 * its masked CRC-32C, bytes, their masked CRC-32C, all little-endian), each an {@code Event} of its
 * {@code event.proto}. A reader that is at work takes a file of a later name for the next one, and
 * forgets earlier steps at the start of a session; so each call writes a file of a later name and
 * removes the one before it. Not thread-safe.
 */
final class EventFile implements MetricLog {
  private static final Pattern NAME =
      Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\.millrace");

  private final Path file;
  private final FileChannel channel;

  private EventFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static EventFile begin(Path folder) throws IOException {
    AtomicFiles.folders(folder);
    long number = Instant.now().getEpochSecond();
    List<Path> before;
    try (Stream<Path> there = Files.list(folder)) {
      before = there.filter(file -> number(file) >= 0).toList();
    }
    for (Path old : before) {
      number = Math.max(number, number(old) + 1);
      Files.delete(old);
    }
    Path file = folder.resolve("events.out.tfevents." + Padded.of(number, 10) + ".millrace");
    EventFile events =
        new EventFile(
            file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    try {
      Instant now = Instant.now();
      events.write(Event.version(now));
      events.write(Event.start(now));
      return events;
    } catch (IOException e) {
      events.close();
      throw e;
    }
  }

  private static long number(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }

  @Override
  public void add(Measured measured) throws IOException {
    write(Event.scalars(measured));
  }

  private void write(byte[] event) throws IOException {
    ByteBuffer record = record(event);
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** Some bytes in their frame. */
  static ByteBuffer record(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(masked(record.array(), 8));
    record.put(data);
    record.putInt(masked(data, data.length));
    return record.flip();
  }

  /** A checksum of what holds checksums itself would be weak, so the format turns and shifts it. */
  private static int masked(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
