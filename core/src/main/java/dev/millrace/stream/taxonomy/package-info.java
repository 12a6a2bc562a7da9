/**
 * How far apart classes are: a {@link dev.millrace.stream.taxonomy.ClassTree} from WordNet or from
 * a person's file. Knows names of classes only, neither pictures nor streams. Depends on the JDK
 * and, for WordNet alone, extJWNL.
 */
package dev.millrace.stream.taxonomy;
