package dev.millrace.evaluation;

import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Path;

/**
 * What every examination of one call has in common.
 *
 * @param run whose encoders are judged
 * @param settings the run's
 * @param request what to ask
 * @param catalogue opens the sets
 * @param answers what is known, and where new answers are kept
 * @param listener hears how it goes on
 */
record ProbeCall(
    Path run,
    Settings settings,
    ProbeRequest request,
    Catalogue catalogue,
    ProbeLog answers,
    ProbeListener listener) {}
