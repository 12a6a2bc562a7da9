package dev.millrace.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Versions of what a run is made with, read from the jars; loads nothing native. */
public final class Versions {
  private Versions() {}

  /** This project's version. */
  public static String millrace() {
    return read("dev.millrace", "millrace-core");
  }

  /** The version of a bytedeco library, such as {@code pytorch}. */
  public static String of(String bytedeco) {
    return read("org.bytedeco", bytedeco);
  }

  private static String read(String group, String artifact) {
    String name = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream in = Versions.class.getResourceAsStream(name)) {
      if (in == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
