/**
 * Model cards in the form that model hubs read: what an encoder is, how it was made, how good it
 * was found and how to use its files, in Markdown under a YAML head; and where a card may be
 * written. Nothing is computed here. Depends on {@code vision} for the encoder's shape and {@code
 * engine} for atomic files.
 */
package dev.millrace.exchange.card;
