/**
 * Encoders: residual networks with torchvision's parameter names, drawn from {@code Draw} alone,
 * the frozen one that features are taken with, the file an encoder travels in, and the encoder in
 * weight files of others. Heads, losses and training live in {@code learn}. Depends on {@code
 * engine}, {@code draw} and, for the file's normalisation, {@code vision.view}.
 */
package dev.millrace.vision.encoder;
