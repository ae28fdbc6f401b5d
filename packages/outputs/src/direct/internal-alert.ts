/** Alerts of the engine about itself. Names and priorities are those that users of the reference filter on. */

import type { Alert, AlertValue, Priority } from '@peregrine/alert';
import { INTERNAL_SOURCE } from '../render/alert-line.ts';

const kinds = {
  'hot-restart-failure': { rule: 'Falco internal: hot restart failure', priority: 'Critical' },
  'event-drop': { rule: 'Falco internal: syscall event drop', priority: 'Debug' },
  'kernel-response': { rule: 'Peregrine internal: kernel response', priority: 'Warning' },
  'coverage-gap': { rule: 'Peregrine internal: coverage gap', priority: 'Warning' },
  'metrics-snapshot': {
    rule: 'Falco internal: metrics snapshot',
    priority: 'Informational',
    message: 'Falco metrics snapshot',
  },
  'capture-size': { rule: 'Falco internal: capture size limit reached', priority: 'Informational' },
  timeouts: { rule: 'Falco internal: timeouts notification', priority: 'Debug' },
} as const satisfies Record<string, { rule: string; priority: Priority; message?: string }>;

export interface InternalAlert {
  readonly kind: keyof typeof kinds;
  readonly hostname: string;
  readonly timeNs: bigint;
  /** What comes after the name of the rule or what stands for it, its punctuation included. */
  readonly text: string;
  readonly fields?: Readonly<Record<string, AlertValue>>;
}

export function createInternalAlert({ kind, hostname, timeNs, text, fields = {} }: InternalAlert): Alert {
  const named: { rule: string; priority: Priority; message?: string } = kinds[kind];
  const { rule, priority } = named;
  const message = `${named.message ?? rule}${text}`;
  return {
    rule,
    priority,
    source: INTERNAL_SOURCE,
    tags: [],
    hostname,
    timeNs,
    message,
    output: message,
    fields: Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
