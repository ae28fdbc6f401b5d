/** For actions that hand the alert itself to somebody, who may act on whatever it names. */

import { textOfValue } from '@peregrine/alert';
import type { TargetKind } from './target.ts';

/** An alert, and where it came from. */
export interface AlertTarget {
  readonly uuid: string;
  /** Empty where the alert names none. */
  readonly namespace: string;
}

/** COMPAT: Talon's order. */
const namespaceFields = ['k8s.ns.name', 'ka.target.namespace'];

/**
 * Each alert is a target of its own. Its namespace counts for limits and protections: what is called there acts on what
 * the alert names.
 */
export const noTarget: TargetKind<AlertTarget> = {
  name: 'none',
  doc: 'The alert itself; its namespace, if it has one, counts for limits and protections.',
  fields: [],
  find: ({ uuid, fields }) => {
    const texts = namespaceFields.map((name) => textOfValue(fields[name] ?? null));
    const namespace = texts.find((text) => text !== '' && text !== '<NA>') ?? '';
    return { kind: 'found', target: { uuid, namespace } };
  },
  keyOf: ({ uuid }) => `alert ${uuid}`,
  factsOf: ({ namespace }) => (namespace === '' ? {} : { namespace }),
  inspect: async ({ namespace }) => ({ kind: 'there', facts: namespace === '' ? {} : { namespace } }),
};
