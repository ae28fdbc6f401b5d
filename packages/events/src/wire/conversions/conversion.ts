/**
 * The language in which conversions of old events are written, and its reading.
 *
 * Events of old recordings come as pairs: the enter event carried the arguments, the exit event the result. Today's
 * exit events carry both. A row says, for an event with so many parameters, what becomes of it.
 */

import type { EventType } from '../../event-type.ts';

/**
 * Wire name and number of parameters of the event; then `pass`, `store` (keep it for the exit event), both, `add`
 * (append parameters), or `-> NAME` (rebuild as that type); then where the parameters come from, in order:
 *
 * - `old3` a parameter of the same event, `old0-7` several
 * - `enter1` a parameter of the stored enter event, else the neutral value of the type; `enter1?` else no bytes
 * - `default` the neutral value, `empty` no bytes; `empty*3` three of them
 * - `container` a description of the container, made from the event's four parameters
 */
export type ConversionRow = readonly [wireName: string, paramCount: number, action: string, sources?: string];

export const source = { old: 0, enter: 1, enterOrEmpty: 2, byDefault: 3, empty: 4, container: 5 } as const;

export interface Conversion {
  readonly action: 'pass' | 'store' | 'store-and-pass' | 'add' | 'change';
  /** The type that results. */
  readonly type: EventType;
  /** Kind of each source and the parameter it reads, alternating. */
  readonly sources: Uint8Array;
}

/** Reads a row; `typeOf` finds a type by wire name without prefix. */
export function parseConversion(row: ConversionRow, typeOf: (wireName: string) => EventType): Conversion {
  const [wireName, , verb, words = ''] = row;
  const sources = Uint8Array.from(words.split(' ').filter(Boolean).flatMap(parseSource));
  if (verb.startsWith('-> ')) return { action: 'change', type: typeOf(verb.slice(3)), sources };
  return { action: parseAction(verb), type: typeOf(wireName), sources };
}

function parseAction(verb: string): Conversion['action'] {
  if (verb === 'pass' || verb === 'store' || verb === 'store-and-pass' || verb === 'add') return verb;
  throw new Error(`conversion table: unknown action ${verb}`);
}

const SOURCE_WORD = /^(old|enter|default|empty|container)(\d*)(?:-(\d+)|\*(\d+)|(\?))?$/;

function parseSource(word: string): number[] {
  const match = SOURCE_WORD.exec(word);
  if (match === null) throw new Error(`conversion table: unknown source ${word}`);
  const [, kind, index = '', last, count, orEmpty] = match;
  const from = Number(index);
  switch (kind) {
    case 'old': {
      const to = last === undefined ? from : Number(last);
      return Array.from({ length: to - from + 1 }, (_, i) => [source.old, from + i]).flat();
    }
    case 'enter':
      return [orEmpty === undefined ? source.enter : source.enterOrEmpty, from];
    case 'container':
      return [source.container, 0];
    default:
      return Array.from({ length: Number(count ?? 1) }, () => [
        kind === 'empty' ? source.empty : source.byDefault,
        0,
      ]).flat();
  }
}
