/** Where the reader is: the enclosing things, outermost last, and where each begins. Becomes a diagnostic's trail. */

import type { Diagnostic, Place, TrailEntry } from '@peregrine/base';
import type { SourceFile } from './source-file.ts';
import type { YamlNode } from './yaml-node.ts';

/** `kind` is the reference's name for it; it is shown in load results. */
export interface Context {
  readonly file: SourceFile;
  readonly kind: ContextKind;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly parent: Context | undefined;
}

export type ContextKind =
  | 'value for'
  | 'exceptions'
  | 'exception'
  | 'exception values'
  | 'exception value'
  | 'rules content'
  | 'rules content item'
  | 'required_engine_version'
  | 'required plugin versions'
  | 'required plugin versions entry'
  | 'required plugin versions alternative'
  | 'list'
  | 'list item'
  | 'macro'
  | 'macro condition'
  | 'rule'
  | 'rule condition'
  | 'condition expression'
  | 'rule output'
  | 'rule output expression'
  | 'rule priority'
  | 'overrides';

/** All diagnostics of a load, in the order found. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  errorCount = 0;

  add(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    if (diagnostic.severity === 'error') this.errorCount++;
  }
}

export function contextOf(parent: Context, kind: ContextKind, name: string, node: YamlNode): Context {
  return { file: parent.file, kind, name, start: node.start, end: node.end, parent };
}

/** Where a diagnostic is raised that concerns the whole of `context`, or `node` in it. */
export function placeOf(context: Context, node?: { readonly start: number; readonly end: number }): Place {
  const { start, end } = node ?? context;
  return { span: context.file.spanOf(start, Math.max(start, end)), trail: trailOf(context) };
}

export function trailOf(context: Context): readonly TrailEntry[] {
  const trail: TrailEntry[] = [];
  for (let at: Context | undefined = context; at !== undefined; at = at.parent) {
    trail.unshift({ kind: at.kind, name: at.name, span: at.file.spanOf(at.start, at.end) });
  }
  return trail;
}
