/** Findings for people: where, what, and what to do, with the text itself where it is at hand. */

import type { Diagnostic } from '@peregrine/base';
import { renderDiagnostics } from '@peregrine/lang';
import type { RuleFile } from './rule-files.ts';

/** Ends with a newline unless there is nothing to say. */
export function renderFindings(
  diagnostics: readonly Diagnostic[],
  files: readonly RuleFile[],
  { isColourful }: { readonly isColourful: boolean },
): string {
  const sources = new Map(files.map(({ name, text }) => [name, text]));
  const rendered = renderDiagnostics(diagnostics, sources, { colour: isColourful });
  return rendered === '' || rendered.endsWith('\n') ? rendered : `${rendered}\n`;
}
