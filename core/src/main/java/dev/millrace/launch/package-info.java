/**
 * Commands of Millrace as processes of their own, here or on the machines of a cluster: who starts
 * work sees a {@link dev.millrace.launch.Launcher} and not where the work is done.
 */
package dev.millrace.launch;
