/**
 * What replay keeps of a stream's past: a {@link dev.millrace.stream.memory.Keep} policy says how
 * many, {@link dev.millrace.stream.memory.ReplayMemory} holds the encoded bytes on disk so that the
 * source may be gone. All chance comes from {@link dev.millrace.draw.Draw}; nothing here decodes a
 * picture or decides how replayed pictures mix with new ones. Depends on {@code stream}, {@code
 * draw} and {@code file}.
 */
package dev.millrace.stream.memory;
