package dev.millrace.launch;

import java.io.File;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a JVM is started that runs Millrace's command: with the options and the class path of this
 * one, but for what a cluster's libraries need.
 *
 * @param options of the JVM
 * @param classPath files and folders, absolute
 * @param main the class whose main it is
 */
public record JvmLine(ArrayList<String> options, ArrayList<String> classPath, String main)
    implements Serializable {
  /** The class path of Millrace without a cluster's libraries, where {@code millrace} sets it. */
  public static final String CLASS_PATH = "millrace.class.path";

  private static final String MAIN = "dev.millrace.app.Main";
  private static final long serialVersionUID = 1;

  /** As this JVM was started. */
  public static JvmLine ofThis() {
    String path = System.getProperty(CLASS_PATH, System.getProperty("java.class.path"));
    ArrayList<String> entries = new ArrayList<>();
    for (String entry : path.split(File.pathSeparator)) {
      if (!entry.isEmpty()) {
        entries.add(Path.of(entry).toAbsolutePath().toString());
      }
    }
    return new JvmLine(
        own(ManagementFactory.getRuntimeMXBean().getInputArguments()), entries, MAIN);
  }

  /** Of a JVM's options those that are for Millrace, and none that a cluster's libraries need. */
  static ArrayList<String> own(List<String> options) {
    ArrayList<String> own = new ArrayList<>();
    for (String option : options) {
      boolean ofCluster =
          option.startsWith("--add-")
              || option.startsWith("-Dspark.")
              || option.startsWith("-Dio.netty.")
              || option.startsWith("-Djdk.reflect.")
              || option.startsWith("-D" + CLASS_PATH + "=");
      if (!ofCluster) {
        own.add(option);
      }
    }
    return own;
  }

  /**
   * The line for a command.
   *
   * @param log beside which a crash of the JVM is reported
   */
  List<String> of(Command command) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(options);
    line.add("-XX:ErrorFile=" + command.log() + ".crash");
    line.add("-cp");
    line.add(String.join(File.pathSeparator, classPath));
    line.add(main);
    line.addAll(command.arguments());
    return line;
  }
}
