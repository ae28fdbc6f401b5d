/** How the fields of audit events are declared: a reader over the event's JSON, text or a list of texts. */

import type { AuditEvent, Json } from './audit-event.ts';
import { textOf } from './audit-event.ts';

export interface AuditField {
  readonly doc: string;
  readonly isList: boolean;
  readonly argument: 'none' | 'key' | 'index';
  readonly isDeprecated: boolean;
  readonly examples: readonly string[];
  /** `argument` is present exactly when the user gave one. */
  readonly read: (event: AuditEvent, argument: string | undefined) => string | readonly string[] | undefined;
}

type Facts = { readonly doc: string; readonly examples?: readonly string[]; readonly isDeprecated?: boolean };

/** A single text, from whatever JSON value the path leads to. */
export function text(facts: Facts & { readonly value: (event: AuditEvent) => Json | undefined }): AuditField {
  return declare(facts, 'none', false, (event) => textOf(facts.value(event)));
}

/** A single text that needs a key between brackets. */
export function keyed(
  facts: Facts & { readonly value: (event: AuditEvent, key: string) => Json | undefined },
): AuditField {
  return declare(facts, 'key', false, (event, key) => textOf(facts.value(event, key ?? '')));
}

/** A list that takes no index. */
export function list(
  facts: Facts & { readonly values: (event: AuditEvent) => readonly Json[] | undefined },
): AuditField {
  return declare(facts, 'none', true, (event) => texts(facts.values(event)));
}

/**
 * A list with one group of values for each element of an array (a container, a rule, a volume). With an index only
 * that element's group; an index out of range gives no value, and so does a list that ends up empty.
 */
export function indexed(
  facts: Facts & {
    readonly over: (event: AuditEvent) => readonly Json[] | undefined;
    /** `undefined`: this element has none. */
    readonly values: (element: Json, event: AuditEvent) => readonly Json[] | undefined;
    /** One element without values makes the whole field absent. */
    readonly isAllOrNothing?: boolean;
    /** COMPAT: an index is accepted and has no effect. */
    readonly isIndexIgnored?: boolean;
  },
): AuditField {
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
  argument: AuditField['argument'],
  isList: boolean,
  read: AuditField['read'],
): AuditField {
  return {
    doc: facts.doc,
    isList,
    argument,
    isDeprecated: facts.isDeprecated ?? false,
    examples: facts.examples ?? [],
    read: (event, value) => (event.isAudit ? read(event, value) : undefined),
  };
}
