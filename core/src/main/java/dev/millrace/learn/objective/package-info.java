/**
 * Training objectives: stateless functions from features to a scalar loss that autograd follows.
 * Encoders, queues and optimisers do not live here. Depends on libtorch alone.
 */
package dev.millrace.learn.objective;
