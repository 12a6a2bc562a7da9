/**
 * Training objectives: stateless functions from features to a scalar loss that autograd follows.
 * Encoders, queues and optimisers do not live here. Depends on libtorch and {@code engine}.
 */
package dev.millrace.learn.objective;
