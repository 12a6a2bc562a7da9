package dev.millrace.launch;

import java.io.File;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
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

  /** JavaCPP would follow the Java heap and stop a process that holds large native memory. */
  private static final List<String> UNBOUND =
      List.of("-Dorg.bytedeco.javacpp.maxBytes=", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=");

  private static final String MAIN = "dev.millrace.app.Main";
  private static final long serialVersionUID = 1;

  /** As this JVM was started. */
  public static JvmLine ofThis() {
    return new JvmLine(
        own(ManagementFactory.getRuntimeMXBean().getInputArguments()), entries(), MAIN);
  }

  private static ArrayList<String> entries() {
    String own = System.getProperty(CLASS_PATH);
    String all = own == null ? System.getProperty("java.class.path") : own;
    ArrayList<String> entries = new ArrayList<>();
    for (String entry : all.split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        entries.add(Path.of(entry).toAbsolutePath().toString());
      }
    }
    String jar = own == null ? place(MAIN) : null;
    // A cluster's command that starts this program loads its one jar itself, off the class path.
    return jar == null || entries.contains(jar) ? entries : new ArrayList<>(List.of(jar));
  }

  /** The file or folder that this thread would load a class of; null where there is none. */
  public static String place(String name) {
    try {
      CodeSource source =
          Class.forName(name, false, Thread.currentThread().getContextClassLoader())
              .getProtectionDomain()
              .getCodeSource();
      return source == null ? null : new File(source.getLocation().toURI()).getAbsolutePath();
    } catch (ClassNotFoundException | URISyntaxException e) {
      return null;
    }
  }

  /** Of a JVM's options those that are for Millrace, and none that a cluster's libraries need. */
  static ArrayList<String> own(List<String> options) {
    ArrayList<String> own = new ArrayList<>();
    for (String option : ChildOptions.of(options)) {
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
    for (String unbound : UNBOUND) {
      if (own.stream().noneMatch(option -> option.startsWith(unbound))) {
        own.add(unbound + "0");
      }
    }
    return own;
  }

  /** The same JVM for another main, and that of what {@code place} says alone where it is given. */
  public JvmLine with(String other, String place) {
    return new JvmLine(options, place == null ? classPath : new ArrayList<>(List.of(place)), other);
  }

  /**
   * The line for a command.
   *
   * @param command beside whose log, if it has one, a crash of the JVM is reported
   */
  List<String> of(Command command) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(options);
    if (command.log() != null) {
      line.add("-XX:ErrorFile=" + command.log() + ".crash");
    }
    line.add("-cp");
    line.add(String.join(File.pathSeparator, classPath));
    line.add(main);
    line.addAll(command.arguments());
    return line;
  }
}
