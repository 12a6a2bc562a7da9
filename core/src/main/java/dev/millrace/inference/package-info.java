/**
 * A pre-trained encoder in use: {@link dev.millrace.inference.Encoder} takes pictures and gives
 * vectors, from any thread. Needs an encoder file and nothing of the run that made it: sees {@code
 * probe} for its stream of frozen features, and neither {@code learn} nor {@code recipe}.
 */
package dev.millrace.inference;
