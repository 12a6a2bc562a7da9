/**
 * The loop: {@link dev.millrace.learn.run.Pretraining} leads chunks through views, method and
 * optimiser, and leaves a run directory that can be resumed to the bit. Checkpoints, the run's
 * files and events live here; probes do not, since training must not see a label it was not given.
 * Depends on everything in {@code learn}, {@code stream}, {@code vision} and {@code engine}.
 */
package dev.millrace.learn.run;
