package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Archives as listings: indexed once, read at offsets. */
final class Archive {
  private Archive() {}

  /** Whether a file is called like an archive that is read. */
  static boolean is(Path file) {
    return named(file.getFileName().toString());
  }

  /** Whether a name is that of an archive that is read, by its ending. */
  static boolean named(String file) {
    return ArchiveForm.isRead(file);
  }

  /**
   * What an archive holds; its file stays open as long as the listing's content can be read.
   *
   * @param number of the file among those of its set
   * @param cache where compressed tars are unpacked
   * @param stop asked now and then; true ends the listing
   * @throws IllegalArgumentException if it holds something that can neither be listed nor left out
   * @throws IOException if it cannot be read, or not be unpacked to the cache
   */
  static Listing list(Path file, int number, Path cache, BooleanSupplier stop) throws IOException {
    try {
      ArchiveForm form = ArchiveForm.of(file);
      if (form.refusal() != null) {
        throw UsageException.ofWord(file + " is " + form.refusal());
      }
      return switch (form) {
        case ZIP -> Zip.list(file, stop);
        case GZIP, BZIP2 -> unpacked(file, number, cache, stop);
        default -> plain(file, number, stop);
      };
    } catch (TarCache.CacheException e) {
      throw e;
    } catch (FileSystemException e) {
      throw new IOException(file + " cannot be read: " + Reason.of(e), e);
    } catch (IOException e) {
      throw new IOException(
          file + " cannot be read as an archive: " + Reason.of(e) + "; is it complete?", e);
    }
  }

  /** Whether an entry is a plain tar. */
  static boolean isTar(Tar.Whole entry) throws IOException {
    return ArchiveForm.of(entry.raw(), entry.head(ArchiveForm.HEAD)) == ArchiveForm.TAR;
  }

  /** Whether an entry is a tar with classes beside its pictures. */
  static boolean isShard(Tar.Whole tar) {
    TarShard.Look look = new TarShard.Look();
    try {
      Tar.list(tar.bytes(), look);
    } catch (IOException e) {
      return false; // whoever lists it says what is wrong
    }
    return look.isShard();
  }

  /**
   * What a tar in a tar holds, which is read where it lies.
   *
   * @throws IllegalArgumentException if it holds something that can neither be listed nor left out
   * @throws IOException if it cannot be read
   */
  static Listing inside(Tar.Whole tar, BooleanSupplier stop) throws IOException {
    Entries entries = new Entries(tar.name(), true, false, stop);
    try {
      Tar.list(tar.bytes(), entries);
    } catch (SourceException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          tar.name() + " cannot be read as an archive: " + Reason.of(e) + "; is it complete?", e);
    }
    return entries.listing();
  }

  private static Listing plain(Path file, int number, BooleanSupplier stop) throws IOException {
    SteadyFile tar = SteadyFile.open(file);
    try {
      return tar(tar, tar.size(), number, file, stop);
    } catch (IOException | RuntimeException e) {
      tar.close();
      throw e;
    }
  }

  private static Listing unpacked(Path file, int number, Path cache, BooleanSupplier stop)
      throws IOException {
    UnpackedTar unpacked = UnpackedTar.of(file, cache, stop);
    try {
      return tar(unpacked, unpacked.length(), number, file, stop);
    } catch (Tar.NotTar e) {
      unpacked.discard();
      throw new IOException("what is compressed in it is no tar", e);
    } catch (IOException | RuntimeException e) {
      unpacked.close();
      throw e;
    }
  }

  private static Listing tar(
      BoundedBytes.Source source, long length, int number, Path file, BooleanSupplier stop)
      throws IOException {
    Entries entries = new Entries(file.toString(), true, false, stop);
    Tar.list(new Tar.Bytes(source, number, 0, length, file.toString()), entries);
    return entries.listing();
  }
}
