/** How the fields of JSON events are declared: a reader over the document, text or a list of texts. */

import type { Json } from '@peregrine/base';
import type { JsonEvent } from './json-event.ts';
import { textOf } from './json-event.ts';

export interface JsonField {
  readonly doc: string;
  readonly isList: boolean;
  readonly argument: 'none' | 'key' | 'index';
  readonly isDeprecated: boolean;
  readonly examples: readonly string[];
  /** `argument` is present exactly when the user gave one. */
  readonly read: (event: JsonEvent, argument: string | undefined) => string | readonly string[] | undefined;
}

type Facts = { readonly doc: string; readonly examples?: readonly string[]; readonly isDeprecated?: boolean };

/** A single text, from whatever JSON value the path leads to. */
export function text(facts: Facts & { readonly value: (event: JsonEvent) => Json | undefined }): JsonField {
  return declare(facts, 'none', false, (event) => textOf(facts.value(event)));
}

/** A single text that needs a key between brackets. */
export function keyed(
  facts: Facts & { readonly value: (event: JsonEvent, key: string) => Json | undefined },
): JsonField {
  return declare(facts, 'key', false, (event, key) => textOf(facts.value(event, key ?? '')));
}

/** A list that takes no index. */
export function list(
  facts: Facts & { readonly values: (event: JsonEvent) => readonly Json[] | undefined },
): JsonField {
  return declare(facts, 'none', true, (event) => texts(facts.values(event)));
}

/**
 * A list with one group of values for each element of an array (a container, a rule, a volume). With an index only
 * that element's group; an index out of range gives no value, and so does a list that ends up empty.
 */
export function indexed(
  facts: Facts & {
    readonly over: (event: JsonEvent) => readonly Json[] | undefined;
    /** `undefined`: this element has none. */
    readonly values: (element: Json, event: JsonEvent) => readonly Json[] | undefined;
    /** One element without values makes the whole field absent. */
    readonly isAllOrNothing?: boolean;
    /** COMPAT: an index is accepted and has no effect. */
    readonly isIndexIgnored?: boolean;
  },
): JsonField {
  return declare(facts, 'index', true, (event, index) => {
    const all = facts.over(event);
    if (all === undefined) return undefined;
    const wanted =
      index === undefined || facts.isIndexIgnored ? all : all.slice(Number(index), Number(index) + 1);
    const found: Json[] = [];
    for (const element of wanted) {
      const values = facts.values(element, event);
      if (values === undefined && facts.isAllOrNothing) return undefined;
      if (values !== undefined) found.push(...values);
    }
    return found.length === 0 ? undefined : texts(found);
  });
}

function texts(values: readonly Json[] | undefined): readonly string[] | undefined {
  return values?.flatMap((value) => textOf(value) ?? []);
}

function declare(
  facts: Facts,
  argument: JsonField['argument'],
  isList: boolean,
  read: JsonField['read'],
): JsonField {
  return {
    doc: facts.doc,
    isList,
    argument,
    isDeprecated: facts.isDeprecated ?? false,
    examples: facts.examples ?? [],
    read,
  };
}
