/**
 * Commands of Millrace on the executors of an Apache Spark, whose jars are the cluster's own: a
 * command is a job of one task, which starts a process and minds it. See docs/scale.md. Depends on
 * {@code launch}, {@code file}, {@code refusal} and Spark; nothing depends on it.
 */
package dev.millrace.cluster;
