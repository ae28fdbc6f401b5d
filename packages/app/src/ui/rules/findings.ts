/** What is wrong with rules, as the API tells it. */

import type { Finding } from '@peregrine/api/contract';
import type { Diagnostic } from '@peregrine/base';

export function findingShape({ severity, code, message, hint, span }: Diagnostic): Finding {
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
