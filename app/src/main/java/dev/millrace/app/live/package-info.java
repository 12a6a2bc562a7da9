/**
 * {@code live}: a live run, beside its process and when that is down. What arrives, is learned and
 * is judged lives in {@code dev.millrace.live}. May use {@code shared} and no other room.
 */
package dev.millrace.app.live;
