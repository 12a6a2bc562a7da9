/**
 * What a step of learning is made of: the encoder with its heads over one flat storage, the views
 * that go in, the outputs that come out, where in the run the step stands, and the processes that
 * make it together. Says nothing of what is learned or held on to: that is {@code method} and
 * {@code remedy}, which both see this package and never each other. Depends on {@code engine},
 * {@code vision.encoder} and {@code draw}.
 */
package dev.millrace.learn.network;
