package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.SealedText;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pictures of a chunk that were found bad, and a checksum over all others, kept in the run as
 * {@code checks/I.bad.json}: a person may mend or remove bad pictures while the run stands, and any
 * other change is still noticed.
 *
 * @param ids {@link Image#id()} of the bad pictures
 * @param others SHA-256 over ids, classes, domains and known sizes of the others, hex
 */
public record KnownBad(List<String> ids, String others) {
  /** A bad picture that is no longer there reads as an empty file, which is as bad. */
  private record Removed() implements Image.Content {
    @Override
    public byte[] read() {
      return new byte[0];
    }

    @Override
    public long size() {
      return 0;
    }
  }

  private record Listed(String name, List<Image> images, List<String> classes, List<String> domains)
      implements ImageSet {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public Image image(int index) {
      return images.get(index);
    }
  }

  /** What is to be kept of a chunk's pictures once some are found bad. */
  public static KnownBad of(ImageSet set, Collection<String> bad) {
    return new KnownBad(List.copyOf(bad), others(set, new HashSet<>(bad)));
  }

  /** What a run keeps of a chunk; null if that is nothing, or damaged. */
  public static KnownBad read(Path run, int chunk) throws IOException {
    Path file = file(run, chunk);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      String text = SealedText.open(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      KnownBad kept = text == null ? null : JSON.readValue(text, KnownBad.class);
      return kept == null || kept.ids == null || kept.others == null ? null : kept;
    } catch (JacksonException e) {
      return null; // a mended picture is then a changed one, and refused by name
    }
  }

  /** Keeps it; atomic. */
  public void write(Path run, int chunk) throws IOException {
    String text = SealedText.seal(JSON.writeValueAsString(this));
    AtomicFiles.write(file(run, chunk), text.getBytes(StandardCharsets.UTF_8));
  }

  static boolean isKept(Path run, int chunk) {
    return Files.exists(file(run, chunk));
  }

  /** Whether a picture is one that was known to be bad and is gone. */
  static boolean isRemoved(Image image) {
    return image.content() instanceof Removed;
  }

  /**
   * A chunk's pictures in the places they had when the run began; a bad one that was removed reads
   * as an empty file.
   *
   * @param found the pictures as they are now
   * @param then ids of the chunk's pictures when the run began
   * @return null if anything but bad pictures changed
   */
  public ImageSet restored(ImageSet found, List<String> then) {
    Map<String, Image> now = new HashMap<>();
    for (int i = 0; i < found.size(); i++) {
      now.put(found.image(i).id(), found.image(i));
    }
    Set<String> bad = new HashSet<>(ids);
    List<Image> images = new ArrayList<>();
    int there = 0;
    for (String id : then) {
      Image image = now.get(id);
      if (image == null && !bad.contains(id)) {
        return null;
      }
      there += image == null ? 0 : 1;
      images.add(image == null ? new Image(id, Image.NONE, Image.NONE, new Removed()) : image);
    }
    return whole(found, images, there, bad);
  }

  private ImageSet whole(ImageSet found, List<Image> images, int there, Set<String> bad) {
    ImageSet all = new Listed(found.name(), images, found.classes(), found.domains());
    return there == found.size() && others(all, bad).equals(others) ? all : null;
  }

  /**
   * Like {@link #restored(ImageSet, List)}.
   *
   * @param then {@link Sha256#number} of the ids of the chunk's pictures when the run began
   */
  public ImageSet restored(ImageSet found, long... then) {
    Map<Long, String> names = new HashMap<>();
    ids.forEach(id -> names.put(Sha256.number(id), id));
    for (int i = 0; i < found.size(); i++) {
      String id = found.image(i).id();
      names.put(Sha256.number(id), id);
    }
    List<String> known = Arrays.stream(then).mapToObj(names::get).toList();
    return known.contains(null) ? null : restored(found, known);
  }

  private static Path file(Path run, int chunk) {
    return RunFolder.of(run).bad(chunk);
  }

  private static String others(ImageSet set, Set<String> bad) {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < set.size(); i++) {
      Image image = set.image(i);
      if (!bad.contains(image.id())) {
        String label = image.label() == Image.NONE ? "" : set.classes().get(image.label());
        String domain = image.domain() == Image.NONE ? "" : set.domains().get(image.domain());
        String line = String.join("\0", image.id(), label, domain, "" + image.content().size());
        digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
