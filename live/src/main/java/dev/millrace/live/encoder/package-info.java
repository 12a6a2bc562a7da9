/**
 * The encoders that a live run has made, each in a folder of its own with where it comes from, and
 * which of them is served. {@link dev.millrace.live.encoder.KeptEncoders} is the only writer; a
 * reader that asks for the served one finds a whole file at any moment, also after a kill, since a
 * version is renamed into place whole and {@code current} is replaced in one rename. Every change
 * of what is served is made by {@link dev.millrace.live.encoder.Promotions} and is a line in {@code
 * decisions.jsonl}. Knows nothing of arrivals and judging.
 */
package dev.millrace.live.encoder;
