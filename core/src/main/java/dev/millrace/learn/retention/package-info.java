/**
 * What keeps an encoder from forgetting besides replay: hooks after each update and at the end of a
 * chunk. Knows an encoder and flat weights, never a method. Depends on {@code engine} and {@code
 * vision.encoder}.
 */
package dev.millrace.learn.retention;
