/** Every diagnostic of the rule language. */

import * as conditions from './conditions.ts';
import * as semantics from './semantics.ts';
import * as structure from './structure.ts';
import * as warnings from './warnings.ts';

/** A diagnostic's facts, without the arguments of its message. */
export interface DiagnosticFacts {
  readonly code: string;
  readonly falcoCode?: string;
  readonly severity: 'error' | 'warning';
  readonly doc: string;
}

export const diagnosticRoster: readonly DiagnosticFacts[] = [
  ...Object.values(structure),
  ...Object.values(semantics),
  ...Object.values(conditions),
  ...Object.values(warnings),
];
