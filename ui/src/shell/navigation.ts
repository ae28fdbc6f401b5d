/** Where one can go from everywhere, and the keys for it. */

import type { Role } from '@peregrine/api/contract';

export interface Destination {
  readonly address: string;
  readonly title: string;
  /** After `g`. */
  readonly key: string;
  /** Who has no use for it does not see it. */
  readonly role: Role;
}

export const destinations: readonly Destination[] = [
  { address: '/', title: 'Overview', key: 'o', role: 'viewer' },
  { address: '/alerts', title: 'Alerts', key: 'a', role: 'viewer' },
  { address: '/incidents', title: 'Incidents', key: 'i', role: 'viewer' },
  { address: '/rules', title: 'Rules', key: 'r', role: 'viewer' },
  { address: '/response', title: 'Response', key: 'e', role: 'viewer' },
  { address: '/outputs', title: 'Outputs', key: 'u', role: 'viewer' },
  { address: '/sensors', title: 'Sensors', key: 's', role: 'viewer' },
  { address: '/sources', title: 'Sources', key: 'c', role: 'viewer' },
  { address: '/users', title: 'Users', key: 'p', role: 'admin' },
];

/** Also of pages below, and of those that begin with its name: rules files are of the rules. */
export function isAt(path: string, address: string): boolean {
  return path === address || path.startsWith(`${address}/`) || path.startsWith(`${address}-`);
}

/** What the keys of all pages do, for the help. */
export const pageKeys: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [string, string])[];
}[] = [
  {
    title: 'Everywhere',
    keys: [['?', 'these keys'], ...destinations.map(({ key, title }) => [`g ${key}`, title] as const)],
  },
  {
    title: 'Overview',
    keys: [
      ['1  2  3  4', 'the last hour, 24 hours, 7 days, 30 days'],
      ['j  k', 'next, previous of what leads somewhere'],
    ],
  },
  {
    title: 'Lists of alerts, incidents, rules and runs',
    keys: [
      ['/', 'search'],
      ['j  k', 'next, previous'],
      ['Enter', 'open'],
      ['x', 'choose'],
      ['l', 'follow what comes, or stop'],
    ],
  },
  {
    title: 'Triage of what is chosen, or of the current one',
    keys: [
      ['n', 'new'],
      ['i', 'investigating'],
      ['e', 'expected'],
      ['c', 'closed'],
      ['a', 'take it'],
      ['t', 'tune: this is expected'],
      ['m', 'write a note'],
    ],
  },
  {
    title: 'A rule, and the text of rules',
    keys: [
      ['e', 'open the text of the rule'],
      ['Ctrl S', 'save what is in the editor'],
    ],
  },
];
