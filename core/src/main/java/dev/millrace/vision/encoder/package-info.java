/**
 * What an encoder is, whichever its family: {@link dev.millrace.vision.encoder.EncoderSpec} says
 * which network, {@link dev.millrace.vision.encoder.EncoderNet} is one over storage of the
 * caller's, {@link dev.millrace.vision.encoder.FrozenEncoder} what features are taken with, and
 * {@link dev.millrace.vision.encoder.Family} how files tell one from another. Residual networks are
 * in {@code resnet}, transformers in {@code vit}, the file an encoder travels in and encoders in
 * weight files of others in {@code file}. Heads, losses and training live in {@code learn}.
 *
 * <p>The class that a user loads is called {@code Encoder}: it takes pictures and gives vectors.
 * The network's interface takes tensors and is called {@code EncoderNet}, so that neither page nor
 * import can mean the other.
 */
package dev.millrace.vision.encoder;
