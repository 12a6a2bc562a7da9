/**
 * Where pictures come from: folders, HTTP, Kafka, and whatever a program writes as a {@link
 * dev.millrace.live.source.Source}. A source offers batches and hears when they are on disk; it
 * accepts nothing itself and sees neither account nor spool.
 */
package dev.millrace.live.source;
