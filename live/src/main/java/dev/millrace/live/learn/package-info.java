/**
 * Learning in a process of its own, so that a crash of it never stops ingest: the process, and what
 * goes on in it. It learns closed chunks in their order and knows neither sources nor account.
 */
package dev.millrace.live.learn;
