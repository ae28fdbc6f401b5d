/** Rules files to findings and names, as the sensor reads them. */

import { type Catalogue, flatDiagnostic, loadRules } from '@peregrine/lang';
import type { CheckAnswer, RulesText } from './messages.ts';

export function checkFiles(
  files: readonly RulesText[],
  catalogue: Catalogue<never>,
): Omit<CheckAnswer, 'id'> {
  const { diagnostics, macros, lists, definitions } = loadRules(files, catalogue);
  return {
    findings: diagnostics.map(flatDiagnostic),
    macros: macros.map(({ name, writtenCondition }) => ({ name, text: writtenCondition.trim() })),
    lists: lists.map(({ name, writtenItems }) => ({ name, text: writtenItems.join(', ') })),
    rules: definitions
      .map(({ name, span }) => ({ name, file: span.file, line: span.start.line, endLine: span.end.line }))
      .sort((a, b) => a.line - b.line),
  };
}
