/**
 * What an encoder is worth: the kNN monitor, the linear probe and few-shot episodes on frozen
 * features, the features they read, and full fine-tuning of a copy. Pre-training an encoder, naming
 * data sets and reading run folders do not live here. Depends on draws and libtorch; what looks at
 * pictures may also use the encoder and the views, and what trains the optimiser and the losses.
 */
package dev.millrace.probe;
