package dev.millrace.recipe;

import dev.millrace.vision.encoder.EncoderSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An encoder as {@code --encoder} names it: all that the rest of the house needs to know of it.
 *
 * @param name in flags and files
 * @param knobs settings that only some encoders know, and this one among them, by flag name
 * @param suits settings of training whose default is another for this encoder, by flag name
 * @param spec the network that a run's settings describe; refuses, naming the flag, what it cannot
 *     be
 */
record EncoderPart(
    String name,
    List<String> knobs,
    Map<String, Object> suits,
    Function<Settings, EncoderSpec> spec) {}
