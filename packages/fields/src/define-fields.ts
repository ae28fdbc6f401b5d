/** How the fields of kernel events are declared: facts, a sentence, and a reader over the event's context. */

import type { BoundField, FieldInfo, Quantifier, Scope, Value, ValueType } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { type ArgumentParser, noArgument, type ParsedArgument } from './argument.ts';

type Read<V extends Value = Value> = (event: EventContext) => V | undefined;

/** What a field is once its argument is known. */
export interface Binding {
  /** HOT. */
  readonly read: Read;
  readonly show?: Read;
  readonly showText?: (event: EventContext) => string | undefined;
  readonly compare?: NonNullable<BoundField<EventContext>['compare']>;
  /** Where the argument decides it; else the declaration's. */
  readonly type?: ValueType;
  readonly printFormat?: FieldInfo['printFormat'];
  readonly quantifier?: Quantifier;
}

export interface FieldDeclaration {
  readonly facts: Omit<FieldInfo, 'name' | 'class'>;
  readonly scope: Scope;
  readonly cost: number;
  readonly needs: readonly string[] | undefined;
  readonly awaits: string | undefined;
  /** Settles the argument: a binding, or why the argument will not do. */
  readonly bind: (argument: string | undefined) => Binding | string;
  /** The same for what follows the name and a dot, where the field takes that. */
  readonly bindSuffix: ((suffix: string) => Binding | string) | undefined;
}

interface CommonOptions {
  /** One sentence: what the value is, and when there is none. */
  readonly doc: string;
  readonly examples?: readonly string[];
  /** `event` unless stated. */
  readonly scope?: Scope;
  readonly cost?: number;
  readonly needs?: readonly string[];
  /** See `BoundField.awaits`. */
  readonly awaits?: string;
  readonly type?: ValueType;
  readonly format?: FieldInfo['printFormat'];
  readonly isList?: boolean;
  readonly isDeprecated?: boolean;
  readonly isFilterOnly?: boolean;
  readonly isPrintOnly?: boolean;
  readonly isHidden?: boolean;
  readonly isSuggested?: boolean;
  readonly allowsRightHandSide?: boolean;
  readonly allowsTransformers?: boolean;
}

interface PlainOptions<V extends Value>
  extends CommonOptions,
    Omit<Binding, 'read' | 'type' | 'printFormat'> {
  readonly read: Read<V>;
}

interface ArgumentOptions<A> extends CommonOptions {
  readonly argument: ArgumentParser<A>;
  /** Reads an argument that follows the name and a dot. */
  readonly suffix?: (suffix: string) => ParsedArgument<A>;
  readonly bind: (argument: A) => Binding | string;
}

type Options<V extends Value, A> = PlainOptions<V> | ArgumentOptions<A>;

export type FieldDeclarations = Readonly<Record<string, FieldDeclaration>>;

/** One class of fields, in the order that lists show them. */
export interface FieldClass {
  readonly name: string;
  readonly fields: FieldDeclarations;
}

export function defineFields(name: string, fields: FieldDeclarations): FieldClass {
  return Object.freeze({ name, fields: Object.freeze(fields) });
}

export function textField<A>(options: Options<string, A>): FieldDeclaration {
  return declare(options, 'CHARBUF', 'none', 20);
}

export function boolField<A>(options: Options<boolean, A>): FieldDeclaration {
  return declare(options, 'BOOL', 'none', 2);
}

/** An integer; 64 bits, unsigned and decimal unless stated. */
export function integerField<A>(options: Options<number | bigint, A>): FieldDeclaration {
  return declare(options, 'UINT64', 'dec', 2);
}

/** An integer that names something: a process, a user, a file descriptor. */
export function idField<A>(options: Options<number | bigint, A>): FieldDeclaration {
  return declare(options, 'INT64', 'id', 2);
}

export function doubleField<A>(options: Options<number, A>): FieldDeclaration {
  return declare(options, 'DOUBLE', 'none', 5);
}

/** A span of time, nanoseconds. */
export function durationField<A>(options: Options<number | bigint, A>): FieldDeclaration {
  return declare(options, 'RELTIME', 'dec', 10);
}

/** A point in time, nanoseconds since the epoch. */
export function timeField<A>(options: Options<number | bigint, A>): FieldDeclaration {
  return declare(options, 'ABSTIME', 'dec', 10);
}

/** A field of any other type, which the options name. */
export function valueField<A>(options: Options<Value, A> & { readonly type: ValueType }): FieldDeclaration {
  return declare(options, options.type, 'none', 20);
}

function declare<V extends Value, A>(
  options: Options<V, A>,
  type: ValueType,
  format: FieldInfo['printFormat'],
  cost: number,
): FieldDeclaration {
  return Object.freeze({
    facts: Object.freeze({
      doc: options.doc,
      type: options.type ?? type,
      printFormat: options.format ?? format,
      isList: options.isList ?? false,
      argument: 'argument' in options ? options.argument.spec : noArgument,
      isDeprecated: options.isDeprecated ?? false,
      isFilterOnly: options.isFilterOnly ?? false,
      isPrintOnly: options.isPrintOnly ?? false,
      isHidden: options.isHidden ?? false,
      isSuggested: options.isSuggested ?? false,
      allowsRightHandSide: options.allowsRightHandSide ?? true,
      allowsTransformers: options.allowsTransformers ?? true,
      examples: options.examples ?? [],
    }),
    scope: options.scope ?? 'event',
    cost: options.cost ?? cost,
    needs: options.needs,
    awaits: options.awaits,
    bind: 'argument' in options ? binderOf(options) : plainBinderOf(options),
    bindSuffix: 'argument' in options ? suffixBinderOf(options) : undefined,
  });
}

function binderOf<A>({ argument, bind }: ArgumentOptions<A>): FieldDeclaration['bind'] {
  return (text) => {
    const parsed = argument.parse(text);
    return 'reason' in parsed ? parsed.reason : bind(parsed.argument);
  };
}

function suffixBinderOf<A>({ suffix, bind }: ArgumentOptions<A>): FieldDeclaration['bindSuffix'] {
  if (suffix === undefined) return undefined;
  return (text) => {
    const parsed = suffix(text);
    return 'reason' in parsed ? parsed.reason : bind(parsed.argument);
  };
}

function plainBinderOf<V extends Value>(options: PlainOptions<V>): FieldDeclaration['bind'] {
  const { read, show, showText, compare, quantifier } = options;
  const binding: Binding = Object.freeze({
    read,
    ...(show && { show }),
    ...(showText && { showText }),
    ...(compare && { compare }),
    ...(quantifier && { quantifier }),
  });
  return (argument) => (argument === undefined ? binding : 'it takes no argument');
}

/** A field that no event of this source has; rules that name it stay valid. */
export function absent(): undefined {
  return undefined;
}
