/** What rules files consist of, as read: one type for each kind of item. */

import type { Place } from '@peregrine/base';
import type { Context } from './context.ts';
import type { YamlNode, YamlScalar } from './yaml-node.ts';

/** A stretch of text that a file holds, with the scalar that it comes from. */
export interface TextPiece {
  readonly text: string;
  readonly context: Context;
  /** The scalar whose value `text` is; `undefined` for text that stands for the whole of `context`. */
  readonly node: YamlScalar | undefined;
}

export interface ListItem {
  readonly name: string;
  readonly context: Context;
  readonly items: readonly YamlScalar[];
}

export interface MacroItem {
  readonly name: string;
  readonly context: Context;
  readonly condition: TextPiece;
}

/** One value of an exception: a scalar, or a list of values. */
export type ExceptionValue =
  | { readonly kind: 'scalar'; readonly text: string; readonly node: YamlNode }
  | { readonly kind: 'list'; readonly items: readonly ExceptionValue[]; readonly node: YamlNode };

/** A scalar or a sequence of scalars. */
export type OneOrMany =
  | { readonly kind: 'one'; readonly text: string }
  | { readonly kind: 'many'; readonly texts: readonly string[] };

export interface ExceptionItem {
  readonly name: string;
  readonly context: Context;
  readonly fields: OneOrMany | undefined;
  readonly operators: OneOrMany | undefined;
  readonly values: readonly ExceptionValue[];
}

/** What the kernel is to do at once to a process that a rule matches, and where the rule says so. */
export interface KernelResponse {
  readonly kind: 'kill';
  readonly place: Place;
}

export interface RuleItem {
  readonly name: string;
  readonly context: Context;
  readonly condition: TextPiece;
  readonly output: TextPiece;
  readonly description: string;
  readonly priority: number;
  /** `undefined`: not stated, which means `syscall` for a new rule. */
  readonly source: string | undefined;
  readonly isEnabled: boolean;
  readonly warnsOfEventTypes: boolean;
  readonly skipsIfUnknownFilter: boolean;
  readonly capture: boolean;
  readonly captureDurationMs: number;
  readonly kernelResponse: KernelResponse | undefined;
  readonly tags: readonly string[];
  readonly exceptions: readonly ExceptionItem[];
}

/** Changes to a rule; absent parts stay as they are. */
export interface RuleUpdate {
  readonly name: string;
  readonly context: Context;
  readonly source?: string | undefined;
  readonly condition?: TextPiece | undefined;
  readonly output?: TextPiece | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
  readonly isEnabled?: boolean | undefined;
  readonly warnsOfEventTypes?: boolean | undefined;
  readonly skipsIfUnknownFilter?: boolean | undefined;
  readonly capture?: boolean | undefined;
  readonly captureDurationMs?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly exceptions?: readonly ExceptionItem[] | undefined;
}

export interface PluginVersion {
  readonly name: string;
  readonly version: string;
}

/** Any one of `alternatives` meets it. */
export interface PluginRequirement {
  readonly context: Context;
  readonly alternatives: readonly PluginVersion[];
}
