/**
 * What the rule language is told of the world: sources, their fields and event types. `lang` knows none by itself.
 *
 * `E` is whatever a source's readers take: the language passes it through and never looks inside.
 */

import type { PrintFormat, TermCache, ValueType } from '@peregrine/base';
import type { Value } from './value.ts';

export type Reader<E, V extends Value = Value> = (event: E) => V | undefined;

/**
 * What a field's value depends on, besides the rules:
 * - `constant`: nothing; the same for every event.
 * - `thread`: the event's thread, its process, ancestors, user and container, but neither the event nor its time.
 *   The source resets the thread's `TermCache` when any of these changes.
 * - `event`: anything else.
 */
export type Scope = 'constant' | 'thread' | 'event';

/**
 * How a comparison treats the value read.
 * - `value`: a scalar, or a list with the list operators.
 * - `any`: the reader gives candidates (a list); the comparison holds if it holds for one of them. Ancestor fields
 *   without an index. Modifiers use their first constant only.
 * - `either`: as `any`, but `!=` holds only if it holds for all. `fd.ip`, `fd.port`, `fd.net`.
 */
export type Quantifier = 'value' | 'any' | 'either';

export interface ArgumentSpec {
  readonly requirement: 'none' | 'optional' | 'required';
  readonly forms: readonly ('index' | 'key')[];
}

/** A field as users know it. Facts for docs, lists and checks; nothing here is called per event. */
export interface FieldInfo {
  readonly name: string;
  readonly class: string;
  readonly doc: string;
  readonly type: ValueType;
  readonly printFormat: PrintFormat;
  readonly isList: boolean;
  readonly argument: ArgumentSpec;
  readonly isDeprecated: boolean;
  readonly isFilterOnly: boolean;
  readonly isPrintOnly: boolean;
  readonly isHidden: boolean;
  readonly allowsRightHandSide: boolean;
  readonly allowsTransformers: boolean;
  /** Added to every output by `suggested_output`. */
  readonly isSuggested: boolean;
  readonly examples: readonly string[];
}

/** A field with its argument settled: all that a condition or an output needs of it. */
export interface BoundField<E> {
  readonly info: FieldInfo;
  /** As the user wrote it, argument included: `proc.aname[2]`, `evt.arg.flags`. The key in `output_fields`. */
  readonly text: string;
  /** May differ from `info.type` where the argument decides it (`evt.rawarg.NAME`). */
  readonly type: ValueType;
  readonly isList: boolean;
  readonly printFormat: PrintFormat;
  readonly scope: Scope;
  readonly quantifier: Quantifier;
  /** Rough cost of a read in nanoseconds, for ordering terms: 1 an integer in hand, 20 a string, 200 a rendering. */
  readonly cost: number;
  /** The value that conditions compare. `undefined`: this event has none. HOT. */
  readonly read: Reader<E>;
  /** The value that outputs show, where it differs from `read` (`proc.aname` without index, `evt.time`). */
  readonly show?: Reader<E>;
  /** Text for outputs where the type's rendering is not it (`evt.time` as clock time). Byte text. */
  readonly showText?: (event: E) => string | undefined;
  /**
   * Names of costly parts of the state that the field reads (`memory`, `faults`): the engine keeps such a part
   * current only when a loaded rule or output needs it.
   */
  readonly needs?: readonly string[];
  /**
   * Names a part of the state that may be told of later than the event, if at all (`container`): an event is kept, where
   * its source can wait for that part, until the field can be read.
   */
  readonly awaits?: string;
  /** Comparison of its own (`fd.sip.name` resolves the constant); replaces the operators' where given. */
  readonly compare?: (operator: string, constants: readonly string[]) => ((event: E) => boolean) | string;
}

export type Resolution<E> =
  | { readonly kind: 'field'; readonly field: BoundField<E> }
  | { readonly kind: 'unknown-field' }
  | { readonly kind: 'bad-argument'; readonly reason: string };

/** One event source (`syscall`, `k8s_audit`...): what rules with that `source` may speak of. */
export interface Source<E> {
  readonly name: string;
  /** All fields, in the order that lists show them. */
  readonly fields: readonly FieldInfo[];
  /** Settles a field reference. `name` is all that stands before `[`, so dot arguments are in it. */
  resolve(name: string, argument: string | undefined): Resolution<E>;
  /** Number of event codes; codes are `0..eventCodeCount-1`. */
  readonly eventCodeCount: number;
  /** Every code whose `evt.type` can be `name`; `undefined` when no event has that name. */
  eventCodesOf(name: string): readonly number[] | undefined;
  /** Every syscall id whose name is `name`, for the kernel's selection. Empty when there is none. */
  syscallsOf(name: string): readonly number[];
  /** All names `eventCodesOf` knows, for hints. */
  readonly eventNames: readonly string[];
  /** Codes added to every rule's set (asynchronous events). */
  readonly alwaysCodes: readonly number[];
  /** Cache for terms of scope `thread`; `undefined` when the event has no thread. HOT. */
  termCacheOf(event: E): TermCache | undefined;
  /** The event's code. HOT. */
  codeOf(event: E): number;
}

/** All loaded sources, plus what version requirements are checked against. */
export interface Catalogue<E> {
  readonly sources: readonly Source<E>[];
  /** Sources besides, whose rules are left out without a word. */
  readonly otherSources?: readonly string[];
  readonly engineVersion: string;
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
}
