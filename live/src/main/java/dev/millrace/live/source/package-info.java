/**
 * Where pictures come from: folders, HTTP, Kafka, and whatever a program writes as a {@link
 * dev.millrace.live.source.Source}. A source offers batches and hears when they are on disk; it
 * accepts nothing itself, and of the account sees only what a picture's state is called.
 */
package dev.millrace.live.source;
