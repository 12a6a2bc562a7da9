/**
 * {@code serve}: an encoder over HTTP. What is answered lives in {@code dev.millrace.serve}. May
 * use {@code shared} and no other room.
 */
package dev.millrace.app.serve;
