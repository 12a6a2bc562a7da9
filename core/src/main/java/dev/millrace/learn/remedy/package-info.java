/**
 * What keeps an encoder from forgetting. A net forgets because each update follows the gradient of
 * today's pictures alone: weights that yesterday's pictures relied on are free to move. Three kinds
 * of remedy live here, and several may act at once: replay shows yesterday's pictures again (beside
 * new ones, or mixed into them: LUMP), a penalty on weights (MAS, EWC, SI) holds those that
 * mattered, distillation (CaSSLe, PFR, DER, CLA) holds what the net computes. A remedy sees
 * network, views and outputs and never a method. Depends on {@code draw}, {@code file}, {@code
 * engine}, {@code learn.network}, {@code learn.objective}, {@code setting}, {@code refusal}, {@code
 * stream}, {@code stream.memory} and {@code vision.encoder}.
 */
package dev.millrace.learn.remedy;
