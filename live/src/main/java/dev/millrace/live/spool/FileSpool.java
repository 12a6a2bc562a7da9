package dev.millrace.live.spool;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.live.LiveFolder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * The spool of a live run's folder. The open chunk is a tar without its end, whose entries bear
 * numbers; a chunk that closes is written beside its place with its own names, and renamed.
 */
public final class FileSpool implements Spool {
  /** More is not written at once. */
  private static final int STEP = 1 << 20;

  private final LiveFolder folder;
  private final Path file;
  private final FileChannel channel;
  private long length;

  /** Opens the open chunk, or begins one. */
  public FileSpool(LiveFolder folder) throws IOException {
    this.folder = folder;
    file = folder.open();
    AtomicFiles.folders(folder.spool());
    AtomicFiles.folders(folder.chunks());
    sweep();
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    AtomicFiles.sync(folder.spool());
    length = channel.size();
  }

  /** What a kill left half written may hold pictures that are to be forgotten. */
  private void sweep() throws IOException {
    try (DirectoryStream<Path> halves = Files.newDirectoryStream(folder.chunks(), ".*.partial")) {
      for (Path half : halves) {
        Files.deleteIfExists(half);
      }
    }
  }

  @Override
  public void cut(long accepted) throws IOException {
    if (channel.size() < accepted) {
      throw new IOException(
          "%s has %d bytes, and the account accepted %d: bring it back from a copy, or begin a new live run; closed chunks are whole"
              .formatted(file, channel.size(), accepted));
    }
    if (channel.size() > accepted) {
      channel.truncate(accepted);
      channel.force(true);
    }
    length = accepted;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long size(int picture) {
    return (long) TarBlocks.BLOCK + picture + TarBlocks.padding(picture);
  }

  @Override
  public long append(byte[] picture) throws IOException {
    ByteBuffer header = TarBlocks.header(Long.toString(length), picture.length);
    int padding = TarBlocks.padding(picture.length);
    long at = length + TarBlocks.BLOCK;
    if (picture.length <= STEP) {
      ByteBuffer entry = ByteBuffer.allocate(TarBlocks.BLOCK + picture.length + padding);
      length += write(entry.put(header).put(picture).rewind(), length);
      return at;
    }
    // In one, a large picture would take as much memory again, of the heap and beside it.
    write(header, length);
    long end = at;
    for (int from = 0; from < picture.length; from += STEP) {
      end += write(ByteBuffer.wrap(picture, from, Math.min(STEP, picture.length - from)), end);
    }
    length = end + write(ByteBuffer.allocate(padding), end);
    return at;
  }

  private long write(ByteBuffer bytes, long at) throws IOException {
    long to = at;
    try {
      while (bytes.hasRemaining()) {
        to += channel.write(bytes, to);
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    return to - at;
  }

  @Override
  public void sync() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  @Override
  public byte[] read(long at, int bytes) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(bytes);
    while (found.hasRemaining()) {
      if (channel.read(found, at + found.position()) < 0) {
        throw Reason.named(file, new EOFException());
      }
    }
    return found.array();
  }

  @Override
  public void close(int chunk, List<Part> parts) throws IOException {
    AtomicFiles.write(
        folder.chunk(chunk),
        out -> {
          for (Part part : parts) {
            put(out, TarBlocks.header(part.name(), part.length()));
            for (int from = 0;
                from < part.length();
                from += STEP) { // no second copy of a large one
              int bytes = Math.min(STEP, part.length() - from);
              put(out, ByteBuffer.wrap(read(part.at() + from, bytes)));
            }
            put(out, ByteBuffer.allocate(TarBlocks.padding(part.length())));
          }
          put(out, TarBlocks.end());
        });
  }

  private static void put(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  @Override
  public void erase(long at, int length) throws IOException {
    for (int from = 0; from < length; from += STEP) {
      write(ByteBuffer.allocate(Math.min(STEP, length - from)), at + from);
    }
    sync();
  }

  @Override
  public void drop(int chunk, Set<Long> numbers) throws IOException {
    Path tar = folder.chunk(chunk);
    if (!Files.exists(tar)) {
      return;
    }
    try (FileChannel in = FileChannel.open(tar)) {
      List<TarBlocks.Entry> all = TarBlocks.entries(in);
      List<TarBlocks.Entry> left =
          all.stream().filter(one -> !numbers.contains(ChunkNames.number(one.name()))).toList();
      if (left.isEmpty()) {
        letGo(chunk);
      } else if (left.size() < all.size()) {
        AtomicFiles.write(
            tar,
            out -> {
              for (TarBlocks.Entry entry : left) {
                copy(in, entry, out);
              }
              put(out, TarBlocks.end());
            });
      }
    } catch (IOException e) {
      throw Reason.named(tar, e);
    }
  }

  @Override
  public void letGo(int chunk) throws IOException {
    if (Files.deleteIfExists(folder.chunk(chunk))) {
      AtomicFiles.sync(folder.chunks());
    }
  }

  /** How many pictures a closed chunk's file holds; 0 if it is gone. */
  public static int pictures(Path tar) throws IOException {
    if (!Files.exists(tar)) {
      return 0;
    }
    try (FileChannel in = FileChannel.open(tar)) {
      return TarBlocks.entries(in).size();
    } catch (IOException e) {
      throw Reason.named(tar, e);
    }
  }

  private static void copy(FileChannel in, TarBlocks.Entry entry, FileChannel out)
      throws IOException {
    long done = 0;
    while (done < entry.length()) {
      long copied = in.transferTo(entry.from() + done, entry.length() - done, out);
      if (copied <= 0) {
        throw new EOFException();
      }
      done += copied;
    }
  }

  /** Whether a chunk's file is there. */
  public boolean has(int chunk) {
    return Files.isRegularFile(folder.chunk(chunk));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
