/**
 * Where pictures come from: folders, archives, raw formats and generated pictures, their layouts,
 * and the catalogue of known sets with their splits. Pictures stay encoded; raw formats are wrapped
 * as PPM or PGM. Depends on {@code stream}, {@code draw}, {@code file}, {@code refusal}, {@code
 * pickle} (for CIFAR's files), Jackson, commons-compress and Parquet's own metadata structures.
 */
package dev.millrace.stream.source;
