/**
 * What a run measured, in files of other programs: event files as TensorBoard reads them, and
 * comma-separated values. They are copies of a run's own {@code metrics.jsonl}, made anew from it
 * by every call. Depends on {@code file} only.
 */
package dev.millrace.metric;
