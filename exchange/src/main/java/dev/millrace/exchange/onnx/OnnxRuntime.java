package dev.millrace.exchange.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.millrace.engine.NativeCache;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;

/** ONNX Runtime, loaded once a process. Thread-safe. */
final class OnnxRuntime {
  private static final String FOLDER = "onnxruntime.native.path";

  private OnnxRuntime() {}

  /** The process's environment; it ends with the process. */
  static synchronized OrtEnvironment environment() throws IOException {
    if (System.getProperty(FOLDER) == null) {
      NativeCache.alone(
          () -> {
            unpack();
            return null;
          });
    }
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot be told to be silent: " + e.getMessage(), e);
    }
    return environment;
  }

  /**
   * Unpacks the libraries to JavaCPP's cache, where they stay for the next process; left to itself,
   * ONNX Runtime unpacks them at every start and leaves a folder behind. On a platform that its jar
   * does not know nothing is done, and it will say so itself.
   */
  private static void unpack() throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os = system.contains("mac") ? "osx" : system.contains("windows") ? "win" : "linux";
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x64";
    String folder = "/ai/onnxruntime/native/" + os + "-" + arch + "/";
    File library = null;
    for (String name : new String[] {"onnxruntime", "onnxruntime4j_jni"}) {
      String file = System.mapLibraryName(name);
      URL resource = OrtEnvironment.class.getResource(folder + file);
      if (resource == null) {
        return;
      }
      library = Loader.cacheResource(resource);
    }
    System.setProperty(FOLDER, library.getParent());
  }
}
