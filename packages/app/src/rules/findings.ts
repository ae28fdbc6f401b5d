/** Findings for people: where, what, and what to do. */

import type { Diagnostic } from '@peregrine/base';
import type { RuleFile } from './rule-files.ts';

/** Ends with a newline unless there is nothing to say. */
export function renderFindings(
  diagnostics: readonly Diagnostic[],
  _files: readonly RuleFile[],
  _options: { readonly isColourful: boolean },
): string {
  return diagnostics
    .map(({ span, severity, message, hint }) => {
      const where = span === undefined ? '' : `${span.file}:${span.start.line}:${span.start.column}: `;
      return `${where}${severity}: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`;
    })
    .join('');
}
