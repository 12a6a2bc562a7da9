/**
 * Encoders in files: the one an encoder travels in, with what it claims of itself, and those in
 * weight files of others, found under whatever prefix. {@code Architectures} lists the families
 * that are looked for. Depends on {@code engine}, the families and, for the file's normalisation,
 * {@code vision.view}.
 */
package dev.millrace.vision.encoder.file;
