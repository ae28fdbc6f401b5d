/** Reference of what `rules check` and the start say about rules and configuration. */

import { responseDiagnostics } from '@peregrine/actions';
import { type DiagnosticDeclaration, schemaDiagnostics } from '@peregrine/base';
import { outputDiagnostics } from '@peregrine/outputs/hub';
import { configDiagnostics } from '../../packages/app/src/config/diagnostics.ts';
import { hubDiagnostics } from '../../packages/app/src/hub/config/diagnostics.ts';
import { noSuchNotifier } from '../../packages/app/src/response/check-notifiers.ts';
import { functionDiagnostics } from '../../packages/functions/src/diagnostics.ts';
import { diagnosticRoster } from '../../packages/lang/src/diagnostics/roster.ts';
import { code, type Page, section, table } from './markdown.ts';

type Facts = Pick<DiagnosticDeclaration<never>, 'code' | 'falcoCode' | 'doc' | 'severity'>;

export function diagnosticsPage(): Page {
  return {
    name: 'diagnostics.md',
    title: 'Diagnostics',
    summary: 'Everything that can be wrong with rules, settings, functions and responses.',
    body: [
      'A code never changes its meaning. Errors keep a rules file or a configuration from being used; warnings do not.',
      '',
      section('Rules', diagnosticTable(diagnosticRoster)),
      '',
      section('Configuration', diagnosticTable([...schemaDiagnostics, ...configDiagnostics])),
      '',
      section('Hub', diagnosticTable([...hubDiagnostics, ...outputDiagnostics])),
      '',
      section('Functions', diagnosticTable(functionDiagnostics)),
      '',
      section('Response rules', diagnosticTable([...responseDiagnostics, noSuchNotifier])),
    ].join('\n'),
  };
}

function diagnosticTable(diagnostics: readonly Facts[]): string {
  const rows = [...diagnostics]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((entry) => [
      code(entry.code),
      entry.severity ?? 'error',
      entry.doc,
      entry.falcoCode === undefined ? '' : code(entry.falcoCode),
    ]);
  return table(['code', 'severity', 'meaning', "Falco's code"], rows);
}
