/** Locks the account of a user. */

import { choice, flag, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { userTarget } from '../targets/user.ts';
import { askHands, undoThrough } from './ask-hands.ts';
import { userCapabilities } from './deeds/disable-user.ts';

export const disableUser = defineAction({
  name: 'host:disable-user',
  platform: 'host',
  doc: 'Locks the account of a user of the machine that the alert came from: its password, and the account itself, which keeps keys from being used, too. What runs already goes on: `host:kill` ends it. Root, the user that Peregrine runs as and, unless allowed, users of the system are left alone.',
  parameters: schema({
    user: choice(['user', 'login'], {
      default: 'user',
      doc: 'Which: the `user` that the process runs as (`user.name`), or the one of its `login` (`user.loginname`), who may have become another since.',
    }),
    system: flag({ default: false, doc: 'Also users of the system, whose numbers are below 1000.' }),
  }),
  target: userTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: () => userCapabilities,
  isRepeatable: false,
  timeoutMs: () => 30_000,
  examples: [
    { doc: 'The user that the process runs as.', parameters: {} },
    { doc: 'Whoever logged in.', parameters: { user: 'login' } },
  ],
  run: ({ target, parameters, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.hostname, deed: 'disable-user', isDryRun, signal },
      data: { user: target.user, system: parameters.system },
    }),
  undo: (data, ports, signal) => undoThrough({ deed: 'enable-user', data, ports, signal }),
});
