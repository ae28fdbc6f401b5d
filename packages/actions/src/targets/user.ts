/** A user of the machine that the alert came from. */

import { inspectThrough } from '../host/ask-hands.ts';
import { textIn } from './process.ts';
import type { TargetKind } from './target.ts';

export interface UserTarget {
  readonly hostname: string;
  readonly user: string;
}

const fields = { user: 'user.name', login: 'user.loginname' } as const;
/** What alerts say of processes that are in no container. */
const NO_CONTAINER = 'host';

export const userTarget: TargetKind<UserTarget> = {
  name: 'user',
  doc: 'A user of the machine that the alert came from; `user` says which field has it. Users of containers are none.',
  fields: [...Object.values(fields), 'container.id'],
  find: (alert, { user: which }) => {
    if (alert.hostname === '')
      return { kind: 'missing', reason: 'the alert does not say which machine it is of' };
    const container = textIn(alert.fields, 'container.id');
    if (container !== '' && container !== NO_CONTAINER)
      return {
        kind: 'missing',
        reason: `it was in container ${container}, whose users are not the machine's`,
      };
    const field = which === 'login' ? fields.login : fields.user;
    const user = textIn(alert.fields, field);
    return user === ''
      ? {
          kind: 'missing',
          reason: `the alert has no \`${field}\`; put \`%${field}\` into the output of the rule`,
        }
      : { kind: 'found', target: { hostname: alert.hostname, user } };
  },
  keyOf: ({ hostname, user }) => `user ${user} on ${hostname}`,
  factsOf: ({ hostname }) => ({ node: hostname }),
  inspect: ({ hostname }, ports, signal) =>
    inspectThrough({ ports, hostname, deed: 'greet', data: {}, signal }),
};
