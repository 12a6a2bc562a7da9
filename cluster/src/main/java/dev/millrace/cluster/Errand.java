package dev.millrace.cluster;

import dev.millrace.launch.JvmLine;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;

/**
 * What a task is sent: a command, and how it is started where the task runs.
 *
 * @param name for a person
 * @param arguments behind {@code millrace}
 * @param needs files that must be seen
 * @param log that stderr is appended to
 * @param out that the process's lines are appended to, for the driver to read
 * @param stop a file that asks for a stop once it is there
 * @param folder that the process works in, where there is such a one
 * @param environment for what the executor's own lacks
 * @param jvm of the driver
 */
record Errand(
    String name,
    ArrayList<String> arguments,
    ArrayList<String> needs,
    String log,
    String out,
    String stop,
    String folder,
    HashMap<String, String> environment,
    JvmLine jvm)
    implements Serializable {
  private static final long serialVersionUID = 1;
}
