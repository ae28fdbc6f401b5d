/** What is wrong with text that a user wrote (rules, configuration), and where. Never thrown. */

/** A place in a file. `line` and `column` count from 1, `offset` from 0; all in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Span {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** One enclosing thing, outermost first: `rule` `Terminal shell in container`, then `rule condition` ``. */
export interface TrailEntry {
  readonly kind: string;
  readonly name: string;
  readonly span: Span;
}

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  /** Kebab-case, ours; never changes its meaning. */
  readonly code: string;
  /** Falco's `LOAD_*` name, where it has one. */
  readonly falcoCode: string | undefined;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string | undefined;
  readonly span: Span | undefined;
  readonly trail: readonly TrailEntry[];
}

/** Where a diagnostic is raised. */
export interface Place {
  readonly span?: Span | undefined;
  readonly trail?: readonly TrailEntry[] | undefined;
}

export interface DiagnosticDeclaration<A extends readonly unknown[]> {
  readonly code: string;
  readonly falcoCode?: string;
  readonly severity?: Severity;
  readonly doc: string;
  readonly message: (...args: A) => string;
  readonly hint?: (...args: A) => string | undefined | false | '';
}

export interface DiagnosticKind<A extends readonly unknown[]> extends DiagnosticDeclaration<A> {
  readonly severity: Severity;
  at(place: Place, ...args: A): Diagnostic;
}

/** Declares one kind of diagnostic: its code, its meaning, its wording. `severity` is `error` unless stated. */
export function defineDiagnostic<A extends readonly unknown[]>(
  declaration: DiagnosticDeclaration<A>,
): DiagnosticKind<A> {
  const severity = declaration.severity ?? 'error';
  return Object.freeze({
    ...declaration,
    severity,
    at: (place: Place, ...args: A): Diagnostic => ({
      code: declaration.code,
      falcoCode: declaration.falcoCode,
      severity,
      message: declaration.message(...args),
      hint: declaration.hint?.(...args) || undefined,
      span: place.span,
      trail: place.trail ?? [],
    }),
  });
}
