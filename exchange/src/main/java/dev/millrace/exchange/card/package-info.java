/**
 * Model cards in the form that model hubs read: what an encoder is, how it was made, how good it
 * was found and how to use its files, in Markdown under a YAML head; and where a card may be
 * written. Nothing is computed here; which methods learn from labels {@code exchange.model} hands
 * in. Depends on {@code vision.encoder} for the encoder's shape, {@code file} and Jackson.
 */
package dev.millrace.exchange.card;
