/**
 * What frozen features are worth: the kNN monitor and the linear probe, and the features they read.
 * Training an encoder and reading run folders do not live here. Depends on draws and libtorch; the
 * extractor that fills a {@link dev.millrace.probe.FeatureMatrix} may also use the encoder and the
 * views.
 */
package dev.millrace.probe;
