/** What an action acts on: how it is found in an alert, how it is called, and what limits and protections see of it. */

import type { HubAlert } from '@peregrine/alert';
import type { ActionPorts } from '../action.ts';

/** What limits and protections go by. */
export interface TargetFacts {
  readonly namespace?: string;
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of what is there now under that name. */
  readonly uid?: string;
  readonly pid?: number;
}

export type Found<T> =
  | { readonly kind: 'found'; readonly target: T }
  /** Fields that the alert would have to have, and what to do. */
  | { readonly kind: 'missing'; readonly reason: string };

export type Inspected =
  | { readonly kind: 'there'; readonly facts: TargetFacts }
  /** It is not there any more. */
  | { readonly kind: 'gone'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined };

export interface TargetKind<T> {
  /** `pod`, `process`. */
  readonly name: string;
  readonly doc: string;
  /** Names of the fields that it is read from, for documentation. */
  readonly fields: readonly string[];
  /** `parameters`: of the action, where they say which of several fields it is. */
  readonly find: (alert: HubAlert, parameters: Readonly<Record<string, unknown>>) => Found<T>;
  /** The same for the same thing, and for nothing else: `pod default/alpine`. For people, too. */
  readonly keyOf: (target: T) => string;
  /** What the alert alone tells. */
  readonly factsOf: (target: T) => TargetFacts;
  /** Looks at what is there; never changes anything. */
  readonly inspect: (target: T, ports: ActionPorts, signal: AbortSignal) => Promise<Inspected>;
}
