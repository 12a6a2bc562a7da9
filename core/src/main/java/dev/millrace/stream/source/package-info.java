/**
 * Where pictures come from: folders, archives, raw formats and generated pictures, their layouts,
 * and the catalogue of known sets with their splits. Pictures stay encoded; raw formats are wrapped
 * as PPM or PGM. Depends on {@code stream}, {@code draw} and commons-compress.
 */
package dev.millrace.stream.source;
