package dev.millrace.launch;

import java.io.IOException;
import java.util.Map;

/** Processes on this machine, children of this one. */
public final class LocalLauncher implements Launcher {
  private final JvmLine jvm = JvmLine.ofThis();

  @Override
  public Launched start(Command command) throws IOException {
    return ChildProcess.start(jvm, command, Map.of(), null);
  }

  @Override
  public int slots() {
    return 0;
  }

  @Override
  public void close() {
    // Each process ends by itself, at the latest with this one.
  }
}
