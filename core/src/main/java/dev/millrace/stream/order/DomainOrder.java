package dev.millrace.stream.order;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The domain-incremental stream of Hu et al. (ICLR 2022): one chunk a domain. */
public final class DomainOrder {
  private DomainOrder() {}

  /**
   * One chunk for each domain that has pictures.
   *
   * @param seed decides the order of the domains
   * @throws IllegalArgumentException if the set has no domains, or a picture has none
   */
  public static ImageStream stream(ImageSet set, long seed) {
    Parts.requirePictures(set);
    int[] keys = IntStream.range(0, set.size()).map(i -> set.image(i).domain()).toArray();
    if (set.domains().isEmpty()) {
      throw UsageException.ofWord(
          set.name()
              + " has no domains; a domain stream needs a set whose pictures lie in"
              + " domain/class/picture folders, or take --stream instance");
    }
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] == Image.NONE) {
        throw UsageException.ofWord(
            "picture "
                + set.image(i).id()
                + " of "
                + set.name()
                + " has no domain; a domain stream needs one for every picture: give it a domain"
                + " or leave it out");
      }
    }
    int[] domains = Arrays.stream(keys).distinct().sorted().toArray();
    int[] shuffled = Draw.of(seed, "domain order").permutation(domains.length);
    int[][] groups = new int[domains.length][];
    for (int c = 0; c < groups.length; c++) {
      groups[c] = new int[] {domains[shuffled[c]]};
    }
    return Parts.grouped("domain", set, keys, set.domains(), "domain", groups);
  }

  /**
   * Like {@link #stream(ImageSet, long)}, for a caller who states the number of chunks.
   *
   * @param chunks must be the number of domains: domains are neither joined nor cut
   * @throws IllegalArgumentException also if it is not
   */
  public static ImageStream stream(ImageSet set, int chunks, long seed) {
    Parts.requireAtLeastOne(chunks);
    ImageStream stream = stream(set, seed);
    int domains = stream.chunks().size();
    if (chunks != domains) {
      throw UsageException.of(
          "--chunks",
          chunks
              + " is not the "
              + domains
              + " domains of "
              + set.name()
              + "; a domain stream has one chunk a domain, leave --chunks out or give "
              + domains);
    }
    return stream;
  }
}
