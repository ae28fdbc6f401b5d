/** How the fields of JSON events are declared: what they read of the document, and what they make of it. */

import type { JsonNode, JsonReader } from '@peregrine/events';
import { type At, atIn, type JsonEvent, type ReadItems, type Shown, textOf } from './json-event.ts';

/** What reads a field of an event. */
type ReadTexts = (event: JsonEvent) => string | readonly string[] | undefined;
type ReadShown = (event: JsonEvent) => Shown | undefined;
type ReadList = (event: JsonEvent) => readonly Shown[] | undefined;

export interface JsonField {
  readonly doc: string;
  readonly isList: boolean;
  readonly argument: 'none' | 'key' | 'index';
  readonly isDeprecated: boolean;
  readonly examples: readonly string[];
  /** Settles what is read, once for each mention. `argument` is present exactly when the user gave one. */
  readonly bind: (reader: JsonReader, argument: string | undefined) => ReadTexts;
}

type Facts = { readonly doc: string; readonly examples?: readonly string[]; readonly isDeprecated?: boolean };

/** A single text: the value at the path, whatever it is. */
export function part(facts: Facts & { readonly path: readonly string[] }): JsonField {
  return declare(facts, 'none', false, (reader) => {
    const slot = reader.slot(facts.path);
    return (event) => reader.text(event.document, slot);
  });
}

/** A single text, made of what is read. */
export function text(facts: Facts & { readonly value: (at: At) => ReadShown }): JsonField {
  return declare(facts, 'none', false, (reader) => {
    const value = facts.value(atIn(reader));
    return (event) => textOf(value(event));
  });
}

/** A single text that needs a key between brackets. */
export function keyed(facts: Facts & { readonly value: (at: At, key: string) => ReadShown }): JsonField {
  return declare(facts, 'key', false, (reader, key) => {
    const value = facts.value(atIn(reader), key ?? '');
    return (event) => textOf(value(event));
  });
}

/** A list that takes no index. */
export function list(facts: Facts & { readonly values: (at: At) => ReadList }): JsonField {
  return declare(facts, 'none', true, (reader) => {
    const values = facts.values(atIn(reader));
    return (event) => texts(values(event));
  });
}

/**
 * A list with one group of values for each element of an array (a container, a rule, a volume). With an index only
 * that element's group; an index out of range gives no value, and so does a list that ends up empty.
 */
export function indexed(
  facts: Facts & {
    readonly over: (at: At) => ReadItems;
    /** `undefined`: this element has none. */
    readonly values: (at: At) => (element: JsonNode, event: JsonEvent) => readonly Shown[] | undefined;
    /** One element without values makes the whole field absent. */
    readonly isAllOrNothing?: boolean;
  },
): JsonField {
  return declare(facts, 'index', true, (reader, index) => {
    const over = facts.over(atIn(reader));
    const valuesOf = facts.values(atIn(reader));
    return (event) => {
      const all = over(event);
      if (all === undefined) return undefined;
      const wanted = index === undefined ? all : all.slice(Number(index), Number(index) + 1);
      const found: Shown[] = [];
      for (const element of wanted) {
        const values = valuesOf(element, event);
        if (values === undefined && facts.isAllOrNothing) return undefined;
        if (values !== undefined) found.push(...values);
      }
      return found.length === 0 ? undefined : texts(found);
    };
  });
}

function texts(values: readonly Shown[] | undefined): readonly string[] | undefined {
  return values?.flatMap((value) => textOf(value) ?? []);
}

function declare(
  facts: Facts,
  argument: JsonField['argument'],
  isList: boolean,
  bind: JsonField['bind'],
): JsonField {
  return {
    doc: facts.doc,
    isList,
    argument,
    isDeprecated: facts.isDeprecated ?? false,
    examples: facts.examples ?? [],
    bind,
  };
}
