package dev.millrace.cluster;

import dev.millrace.launch.JvmLine;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;

/**
 * What every rank's task is sent.
 *
 * @param attempt at the run, from 0
 * @param first arguments of the first rank's process
 * @param run folder of the run
 * @param needs files that must be seen
 * @param err that the first rank's lines on stderr are appended to, for the driver to read
 * @param stop a file that asks for a stop once it is there
 * @param folder that the processes work in, where there is such a one
 * @param environment for what the executor's own lacks
 * @param jvm of the driver
 */
record RankErrand(
    int attempt,
    ArrayList<String> first,
    String run,
    ArrayList<String> needs,
    String err,
    String stop,
    String folder,
    HashMap<String, String> environment,
    JvmLine jvm)
    implements Serializable {
  private static final long serialVersionUID = 1;
}
