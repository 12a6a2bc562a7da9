/**
 * How far apart classes are: a {@link dev.millrace.stream.taxonomy.ClassTree} from WordNet or from
 * a person's file. Knows names of classes only, neither pictures nor streams. Depends on the JDK,
 * {@code file} and, only for WordNet, extJWNL.
 */
package dev.millrace.stream.taxonomy;
