/**
 * Training objectives: stateless functions from features to a scalar loss that autograd follows.
 * Encoders, queues and optimisers do not live here. Depends only on libtorch.
 */
package dev.millrace.learn.objective;
