/** Diagnostics as one flat record, as programs and pages take them. */

import type { Diagnostic } from '@peregrine/base';

export interface FlatDiagnostic {
  readonly severity: Diagnostic['severity'];
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  /** From 1, as the others. */
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export function flatDiagnostic({ severity, code, message, hint, span }: Diagnostic): FlatDiagnostic {
  return {
    severity,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(span === undefined
      ? {}
      : {
          file: span.file,
          line: span.start.line,
          column: span.start.column,
          endLine: span.end.line,
          endColumn: span.end.column,
        }),
  };
}
