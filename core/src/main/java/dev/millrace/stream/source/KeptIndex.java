package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packed sets in the cache, each as good as long as the files that it was made of have the size and
 * the time that they had. Shards are always packed; of the tars whose folders mean something, those
 * of many pictures are.
 */
final class KeptIndex {
  private static final Logger LOG = LoggerFactory.getLogger(KeptIndex.class);

  private KeptIndex() {}

  /**
   * What is kept of a set; null if nothing is, it is damaged, or a file has another size or time.
   *
   * @param key what it was made of, in words
   * @param now the files as they are
   */
  static PackedFile find(Path cache, String set, String key, List<Origin> now) {
    return find(PackedWriter.place(cache, set, key), cache, key, now, true);
  }

  /**
   * Like {@link #find(Path, String, String, List)}, in a file.
   *
   * @param seen whether what is seen of the pictures is kept beside it
   */
  static PackedFile find(Path file, Path cache, String key, List<Origin> now, boolean seen) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      PackedFile kept = PackedFile.open(file, cache, seen);
      List<Origin> then = kept.head().origins();
      boolean same = then.size() == now.size() && key.equals(kept.head().key());
      for (int i = 0; same && i < now.size(); i++) {
        same = then.get(i).isSame(now.get(i));
      }
      return same ? kept : null;
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be used and is made again: {}", file, Reason.of(e));
      return null;
    }
  }

  private static String key(Path tar, Folders folders, Need need) {
    return "tar 2 %s %s %s".formatted(folders, need, tar.toAbsolutePath().normalize());
  }

  private static boolean isTar(Path file) throws IOException {
    return Files.isRegularFile(file)
        && ArchiveForm.isAny(file)
        && List.of(ArchiveForm.TAR, ArchiveForm.GZIP, ArchiveForm.BZIP2)
            .contains(ArchiveForm.of(file));
  }

  private static Origin.Form form(Path tar) throws IOException {
    return ArchiveForm.of(tar) == ArchiveForm.TAR ? Origin.Form.PLAIN : Origin.Form.COMPRESSED_TAR;
  }

  /** A tar as it is now; null for anything else. */
  static Origin origin(Path tar) throws IOException {
    return isTar(tar) ? Origin.of(form(tar), tar) : null;
  }

  /** What is kept of a tar, as it was understood; null if nothing is. */
  static DataSet of(Path cache, Path tar, String name, Folders folders, Need need)
      throws IOException {
    if (!isTar(tar)) {
      return null;
    }
    List<Origin> now = List.of(Origin.of(form(tar), tar));
    PackedFile kept = find(cache, name, key(tar, folders, need), now);
    if (kept == null) {
      return null;
    }
    DataSet set = kept.dataSet(name);
    set.leftOut().lines().forEach(line -> LOG.info("{}: left out {}", name, line));
    set.about().notes().forEach(note -> LOG.warn("{}: {}", name, note));
    return set;
  }

  /**
   * A listed tar as it is kept, without an object a picture; as it is where it is small, or where
   * bytes do not simply lie in it.
   *
   * @param before the tar before it was listed; null for anything else
   * @param least pictures of which on it is kept
   * @throws IOException if the tar changed meanwhile
   */
  static DataSet packed(
      Path cache, Origin before, DataSet listed, Folders folders, Need need, int least)
      throws IOException {
    List<ImageSet> parts = List.of(listed.train(), listed.validation(), listed.test());
    if (parts.stream().mapToLong(ImageSet::size).sum() < least
        || !listed.hierarchy().isEmpty()
        || before == null) {
      return listed;
    }
    Path tar = before.path();
    try (PackedWriter writer = new PackedWriter(cache)) {
      int origin = writer.origin(before);
      for (int p = 0; p < parts.size(); p++) {
        ImageSet part = parts.get(p);
        for (int i = 0; i < part.size(); i++) {
          Image image = part.image(i);
          if (!(image.content() instanceof Tar.Whole bytes)) {
            return listed;
          }
          writer.add(
              Part.values()[p],
              image.id(),
              name(part.classes(), image.label()),
              name(part.domains(), image.domain()),
              origin,
              bytes.at(),
              bytes.size());
        }
      }
      String key = key(tar, folders, need);
      return writer
          .write(listed.name(), key, listed.about(), listed.leftOut())
          .dataSet(listed.name());
    } catch (Origin.Changed e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("an index of {} cannot be kept: {}; it is made anew each time", tar, Reason.of(e));
      return listed;
    }
  }

  private static String name(List<String> names, int index) {
    return index == Image.NONE ? null : names.get(index);
  }
}
