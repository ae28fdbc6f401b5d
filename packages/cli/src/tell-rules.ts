/** What was found in rules files, on standard error. */

import { renderFindings } from '@peregrine/app/findings';
import { notesOnRules } from '@peregrine/app/notes';
import type { RuleFile, RulesReport } from '@peregrine/app/rules';
import type { Terminal } from './terminal.ts';

/** Errors in full; warnings as a number, since `rules check` shows them. */
export function tellRules(report: RulesReport, files: readonly RuleFile[], terminal: Terminal): void {
  const all = report.files.flatMap(({ diagnostics }) => diagnostics);
  const errors = all.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    terminal.err(renderFindings(errors, files, { isColourful: terminal.isColourful }));
    return;
  }
  const warnings = all.length === 0 ? '' : `, ${all.length} warnings (\`peregrine rules check\` shows them)`;
  terminal.note(`${report.enabledCount} rules are on, of ${report.ruleCount}${warnings}`);
  for (const note of notesOnRules(report)) terminal.note(note);
}
