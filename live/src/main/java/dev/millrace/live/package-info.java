/**
 * A stream of pictures that arrive by themselves: sources, a durable spool that cuts arrivals into
 * chunks, the account of every picture ever offered, drift, the learner's process, and the gate
 * between a candidate and the encoder that is served. A closed chunk is a plain set, so a live run
 * is {@code pretrain --stream given} over its closed chunks. HTTP to embed and to look at belongs
 * to {@code dev.millrace.serve}, flags to {@code dev.millrace.app}. May use {@code recipe} and
 * {@code evaluation} and below; no class but the edge calls a clock.
 */
package dev.millrace.live;
