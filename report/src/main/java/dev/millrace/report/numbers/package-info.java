/**
 * What a study measured, as numbers: the ledger's records, means and spreads over seeds, gaps to
 * joint training, costs, and the verdicts on the paper's claims. No words of layout, no HTML, no
 * plots. Depends on {@code study.record}, which reads the ledger, and on commons-statistics.
 */
package dev.millrace.report.numbers;
