/**
 * Commands of Millrace as processes of their own, here or on the machines of a cluster: who starts
 * work sees a {@link dev.millrace.launch.Launcher} and not where the work is done. Depends on
 * {@code engine} (for how a process ends), {@code file} and {@code refusal}; the module {@code
 * cluster} stands behind {@link dev.millrace.launch.Cluster}.
 */
package dev.millrace.launch;
