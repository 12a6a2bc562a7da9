/**
 * libtorch on the JVM: loading it, naming devices and precisions, weights as views of one flat
 * storage, safetensors, and torch's own weight files read without executing them. Wraps lifetime,
 * device and files, not tensor operations; knows nothing of streams or pictures. Depends on {@code
 * file}, {@code pickle} (for torch's files), {@code refusal}, Jackson and bytedeco's libraries, all
 * of which it loads.
 */
package dev.millrace.engine;
