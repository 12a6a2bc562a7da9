package dev.millrace.stream.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A {@link SteadyFile} for libraries that read a channel. Not thread-safe. */
final class SteadyChannel implements SeekableByteChannel {
  private final SteadyFile file;
  private long position;
  private boolean open = true;

  SteadyChannel(SteadyFile file) {
    this.file = file;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int read = file.read(into, position);
    position += Math.max(0, read);
    return read;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) {
    position = to;
    return this;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    file.close();
  }
}
