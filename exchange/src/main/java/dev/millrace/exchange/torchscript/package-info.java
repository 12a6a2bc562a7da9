/**
 * Encoders as TorchScript modules, written and read by libtorch itself. Which encoder, which
 * pictures and where the file goes is {@code exchange.model}'s matter. Depends on {@code vision}
 * and libtorch.
 */
package dev.millrace.exchange.torchscript;
