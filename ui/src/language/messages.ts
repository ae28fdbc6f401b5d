/** What the page and the thread that checks rules tell each other. */

import type { LanguageFacts } from '@peregrine/api/contract';
import type { FlatDiagnostic } from '@peregrine/lang';

export interface RulesText {
  readonly name: string;
  readonly text: string;
}

export interface CheckRequest {
  readonly id: number;
  /** In the first one only. */
  readonly facts?: LanguageFacts;
  /** All files, in the order in which they are read. */
  readonly files: readonly RulesText[];
}

/** Something that conditions name. */
export interface NamedPart {
  readonly name: string;
  readonly text: string;
}

export interface KnownRuleName {
  readonly name: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly endLine: number;
}

export interface CheckAnswer {
  readonly id: number;
  readonly findings: readonly FlatDiagnostic[];
  readonly macros: readonly NamedPart[];
  readonly lists: readonly NamedPart[];
  /** In each file in the order of its lines: where a rule is defined anew, that is where it is. */
  readonly rules: readonly KnownRuleName[];
}
