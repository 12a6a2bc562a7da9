package dev.millrace.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code millrace version}, as other programs have it. */
@Command(name = "version", hidden = true, description = "Prints version information.")
final class VersionCommand implements Runnable {
  @ParentCommand private Main main;

  @Override
  public void run() {
    main.printVersion();
  }
}
