/** The address of the other side of a connection. */

import { inspectThrough } from '../host/ask-hands.ts';
import { textIn } from './process.ts';
import type { TargetKind } from './target.ts';

export interface AddressTarget {
  readonly hostname: string;
  readonly address: string;
}

/** Which of a connection's addresses, and the field that has it. */
export const addressFields = { remote: 'fd.rip', server: 'fd.sip', client: 'fd.cip' } as const;
export type AddressSide = keyof typeof addressFields;

export const addressTarget: TargetKind<AddressTarget> = {
  name: 'address',
  doc: 'The address of the other side of the connection, on the machine that the alert came from; `address` says which field has it.',
  fields: Object.values(addressFields),
  find: ({ hostname, fields }, { address: side }) => {
    if (hostname === '') return { kind: 'missing', reason: 'the alert does not say which machine it is of' };
    const field = Object.entries(addressFields).find(([name]) => name === side)?.[1] ?? addressFields.remote;
    const address = textIn(fields, field);
    return address === ''
      ? {
          kind: 'missing',
          reason: `the alert has no \`${field}\`; put \`%${field}\` into the output of the rule`,
        }
      : { kind: 'found', target: { hostname, address } };
  },
  keyOf: ({ hostname, address }) => `address ${address} on ${hostname}`,
  factsOf: ({ hostname }) => ({ node: hostname }),
  inspect: ({ hostname }, ports, signal) =>
    inspectThrough({ ports, hostname, deed: 'greet', data: {}, signal }),
};
