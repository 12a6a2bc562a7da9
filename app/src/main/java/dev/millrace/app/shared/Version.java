package dev.millrace.app.shared;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven wrote into the jar. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties built = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/millrace.properties")) {
      if (in != null) {
        built.load(in);
      }
    }
    return new String[] {
      "millrace " + built.getProperty("version", "unbuilt") + " on Java " + Runtime.version()
    };
  }
}
