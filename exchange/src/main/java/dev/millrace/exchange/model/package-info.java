/**
 * An encoder into another format: which encoder, which pictures it is compared on, where the file
 * goes, and that it goes there only if it computes what libtorch does. The formats themselves are
 * {@code exchange.onnx}'s and {@code exchange.torchscript}'s matter, the card's words {@code
 * exchange.card}'s. Depends on these and on {@code core}.
 */
package dev.millrace.exchange.model;
