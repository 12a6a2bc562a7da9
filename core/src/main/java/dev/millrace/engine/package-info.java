/**
 * libtorch on the JVM: loading it, naming devices and precisions, weights as views of one flat
 * storage, safetensors, and torch's own weight files read without executing them. Wraps lifetime,
 * device and files, not tensor operations; knows nothing of streams or pictures. Depends on {@code
 * file}, bytedeco's pytorch and Jackson.
 */
package dev.millrace.engine;
