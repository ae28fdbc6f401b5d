export { fromByteText, isAscii, toByteText } from './byte-text.ts';
export {
  type Diagnostic,
  type DiagnosticDeclaration,
  type DiagnosticKind,
  defineDiagnostic,
  type Place,
  type Position,
  type Severity,
  type Span,
  type TrailEntry,
} from './diagnostic.ts';
export { Fault } from './fault.ts';
export { delivered, type Outcome } from './outcome.ts';
export { TermCache } from './term-cache.ts';
export { unreachable } from './unreachable.ts';
