package dev.millrace.recipe;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.file.Sha256;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sizes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A chunk as stream.json describes it: what stays known when its source is gone, and by what it is
 * recognised when it is opened again.
 *
 * @param fingerprint SHA-256 over ids and class names
 * @param sizes SHA-256 over the encoded sizes of all pictures, as far as their source knows them;
 *     null where it knows none, and in runs of older versions
 * @param versions SHA-256 over the versions of the files of another machine that the pictures lay
 *     in; null of files of this one
 * @param ids names of the pictures; null of a large chunk, whose are in a file of their own
 * @param fronts of a large chunk of several sets: what stands before their names, each once
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChunkEntry(
    int index,
    String name,
    int images,
    String fingerprint,
    String sizes,
    String versions,
    List<String> classes,
    List<String> domains,
    List<String> ids,
    List<String> fronts) {
  /** Describes a chunk; looks at all of its pictures' names, and at none of their bytes. */
  static ChunkEntry of(Chunk chunk, Settings settings) {
    boolean large = chunk.size() >= Chunk.LARGE;
    boolean mixed = settings.data().sets().size() > 1 && !settings.stream().order().bySet();
    Set<String> fronts = new LinkedHashSet<>();
    Set<String> classes = new LinkedHashSet<>();
    Set<String> domains = new LinkedHashSet<>();
    List<String> ids = new ArrayList<>();
    MessageDigest digest = Sha256.digest();
    ImageSet set = chunk.images();
    for (int i = 0; i < set.size(); i++) {
      Image image = set.image(i);
      if (!large) {
        ids.add(image.id());
      } else if (mixed) {
        fronts.add(image.id().substring(0, image.id().indexOf('/') + 1));
      }
      digest.update(image.id().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      if (image.label() != Image.NONE) {
        String name = set.classes().get(image.label());
        classes.add(name);
        digest.update(name.getBytes(StandardCharsets.UTF_8));
      }
      digest.update((byte) 1);
      if (image.domain() != Image.NONE) {
        domains.add(set.domains().get(image.domain()));
      }
    }
    return new ChunkEntry(
        chunk.index(),
        chunk.name(),
        chunk.size(),
        HexFormat.of().formatHex(digest.digest()),
        Sizes.of(set),
        Sizes.versions(set),
        List.copyOf(classes),
        List.copyOf(domains),
        large ? null : ids,
        large && mixed ? List.copyOf(fronts) : null);
  }
}
