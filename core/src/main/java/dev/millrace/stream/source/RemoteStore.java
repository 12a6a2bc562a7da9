package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * Files that lie on no disk of this machine, such as objects of S3; found by {@link ServiceLoader},
 * since its libraries are not always here. Every failure of the place itself is a {@link
 * SourceException}, after as many attempts as are worth making. Thread-safe.
 */
public interface RemoteStore {
  /** What places begin with, before {@code ://}; lower case. */
  String scheme();

  /**
   * A file there.
   *
   * @param place the whole of it, with the scheme
   * @param size in bytes
   * @param modified in milliseconds since 1970
   * @param version a word that changes with its bytes; never null
   */
  record Found(String place, long size, long modified, String version) {
    /** Without a version nobody could tell what is read from what changed meanwhile. */
    public Found {
      Objects.requireNonNull(version, place);
    }
  }

  /**
   * The file of a place, or, where it is none, all files below it, in the order of their places.
   *
   * @return empty where there is nothing
   */
  List<Found> list(String place) throws IOException;

  /**
   * Reads bytes of a file as it was found.
   *
   * @param into filled up to its limit; all of that must lie within the file
   * @throws SourceException if the file is another now
   */
  void read(Found file, long at, ByteBuffer into) throws IOException;

  /**
   * Reads a whole file as it is now.
   *
   * @param most bytes that are read at most, plus one that tells of more
   * @throws FileNotFoundException if it is not there
   */
  byte[] read(String place, long most) throws IOException;

  /** Whether a word leads to a place that is not a path of this machine. */
  static boolean isPlace(String word) {
    return Stores.SCHEME.matcher(word).lookingAt();
  }

  /**
   * The store of a place.
   *
   * @throws IllegalArgumentException if there is none of its scheme, naming what is missing
   */
  static RemoteStore of(String place) {
    Matcher scheme = Stores.SCHEME.matcher(place);
    if (!scheme.lookingAt()) {
      throw new IllegalArgumentException(place + " is not a place of another machine");
    }
    return Stores.OPENED.computeIfAbsent(scheme.group(1), word -> Stores.found(word, place));
  }

  /** Those that were found. */
  final class Stores {
    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9]+)://");
    private static final Map<String, RemoteStore> OPENED = new ConcurrentHashMap<>();

    private Stores() {}

    private static RemoteStore found(String scheme, String place) {
      Iterator<RemoteStore> stores = ServiceLoader.load(RemoteStore.class).iterator();
      try {
        while (stores.hasNext()) {
          RemoteStore store = stores.next();
          if (store.scheme().equals(scheme)) {
            return store;
          }
        }
      } catch (ServiceConfigurationError e) {
        if (e.getCause() instanceof IllegalArgumentException said) {
          throw said;
        }
        LoggerFactory.getLogger(RemoteStore.class).debug("a store cannot be made", e);
      }
      throw UsageException.of(
          "--data",
          scheme.equals("s3")
              ? place
                  + " needs millrace-s3-VERSION.jar and its libraries on the class path; they are in lib/ of a release, and a project adds dev.millrace:millrace-s3"
              : "%s begins with '%s://', expected a path or s3://BUCKET/KEY; bring the data here"
                  .formatted(place, scheme));
    }
  }
}
