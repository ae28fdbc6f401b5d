/** Arguments of fields: what may stand between brackets or after the last dot, and how it is read. */

import type { ArgumentSpec } from '@peregrine/lang';

export type ParsedArgument<A> = { readonly argument: A } | { readonly reason: string };

export interface ArgumentParser<A> {
  readonly spec: ArgumentSpec;
  readonly parse: (text: string | undefined) => ParsedArgument<A>;
}

export const noArgument: ArgumentSpec = Object.freeze({ requirement: 'none', forms: [] });

/** For fields that hold something of their own for each use. */
export const withoutArgument: ArgumentParser<undefined> = Object.freeze({
  spec: noArgument,
  parse: (text: string | undefined): ParsedArgument<undefined> =>
    text === undefined ? { argument: undefined } : { reason: 'it takes no argument' },
});

const MOST = 0x7fff_ffff;

/** A non-negative integer; `undefined` when the text is none. */
export function parseIndex(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const index = Number(text);
  return index <= MOST ? index : undefined;
}

function notAnIndex(text: string): { readonly reason: string } {
  return { reason: `\`${text}\` is not an index: digits are expected` };
}

/** `[N]`, or nothing. */
export const optionalIndex: ArgumentParser<number | undefined> = Object.freeze({
  spec: Object.freeze({ requirement: 'optional', forms: ['index'] as const }),
  parse: (text: string | undefined): ParsedArgument<number | undefined> => {
    if (text === undefined) return { argument: undefined };
    const index = parseIndex(text);
    return index === undefined ? notAnIndex(text) : { argument: index };
  },
});

/** `[N]`, always. */
export const requiredIndex: ArgumentParser<number> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['index'] as const }),
  parse: (text: string | undefined): ParsedArgument<number> => {
    if (text === undefined) return { reason: 'it needs an index between brackets' };
    const index = parseIndex(text);
    return index === undefined ? notAnIndex(text) : { argument: index };
  },
});

/** `[KEY]`, or nothing. */
export const optionalKey: ArgumentParser<string | undefined> = Object.freeze({
  spec: Object.freeze({ requirement: 'optional', forms: ['key'] as const }),
  parse: (text: string | undefined): ParsedArgument<string | undefined> => ({ argument: text }),
});

/** `[KEY]` or `.KEY`, always. */
export const requiredKey: ArgumentParser<string> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['key'] as const }),
  parse: (text: string | undefined): ParsedArgument<string> =>
    text === undefined || text === '' ? { reason: 'it needs a key' } : { argument: text },
});

export type IndexOrKey = { readonly index: number } | { readonly key: string };

/** `[N]` or `[KEY]`: digits are an index. */
export const requiredIndexOrKey: ArgumentParser<IndexOrKey> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['index', 'key'] as const }),
  parse: (text: string | undefined): ParsedArgument<IndexOrKey> => {
    if (text === undefined || text === '') return { reason: 'it needs an index or a key' };
    const index = parseIndex(text);
    return { argument: index === undefined ? { key: text } : { index } };
  },
});

/** `[N]`, `[KEY]`, or nothing. */
export const optionalIndexOrKey: ArgumentParser<IndexOrKey | undefined> = Object.freeze({
  spec: Object.freeze({ requirement: 'optional', forms: ['index', 'key'] as const }),
  parse: (text: string | undefined): ParsedArgument<IndexOrKey | undefined> => {
    if (text === undefined) return { argument: undefined };
    const index = parseIndex(text);
    return { argument: index === undefined ? { key: text } : { index } };
  },
});
