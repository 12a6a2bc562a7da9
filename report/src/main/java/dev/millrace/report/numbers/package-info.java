/**
 * What a study measured, as numbers: the ledger's records, means and spreads over seeds, gaps to
 * joint training, costs, and the verdicts on the paper's claims. No words of layout, no HTML, no
 * plots. It reads files with Jackson and uses nothing else of the project.
 */
package dev.millrace.report.numbers;
