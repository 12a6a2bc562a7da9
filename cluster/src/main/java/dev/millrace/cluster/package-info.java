/**
 * Commands of Millrace on the executors of an Apache Spark, whose jars are the cluster's own: a
 * command is a job of one task, which starts a process and minds it. See docs/scale.md.
 */
package dev.millrace.cluster;
