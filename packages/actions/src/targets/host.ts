/** The machine that the alert came from. What is done there counts for the process that did it, if the alert has one. */

import { inspectThrough } from '../host/ask-hands.ts';
import { textIn } from './process.ts';
import type { TargetKind } from './target.ts';

export interface HostTarget {
  readonly hostname: string;
  /** Of the process; empty: the alert has none. */
  readonly pid: string;
}

export const hostTarget: TargetKind<HostTarget> = {
  name: 'host',
  doc: 'The machine that the alert came from, for the process that did it if there is one.',
  fields: ['proc.pid'],
  find: ({ hostname, fields }) =>
    hostname === ''
      ? { kind: 'missing', reason: 'the alert does not say which machine it is of' }
      : { kind: 'found', target: { hostname, pid: textIn(fields, 'proc.pid') } },
  keyOf: ({ hostname, pid }) => (pid === '' ? `host ${hostname}` : `host ${hostname}, process ${pid}`),
  factsOf: ({ hostname }) => ({ node: hostname }),
  inspect: ({ hostname }, ports, signal) =>
    inspectThrough({ ports, hostname, deed: 'greet', data: {}, signal }),
};
