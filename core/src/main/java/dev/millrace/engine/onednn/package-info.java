/**
 * oneDNN: programs of its primitives over memory of the caller's. Which primitives make a network
 * is the encoder's matter, tensors are libtorch's; depends on {@code dev.millrace.engine} at most.
 */
package dev.millrace.engine.onednn;
