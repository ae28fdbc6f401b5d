/** Ends the process of an alert. */

import { choice, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { processDataOf, processTarget } from '../targets/process.ts';
import { askHands } from './ask-hands.ts';
import { killCapabilities, killScopes, killSignals } from './deeds/kill.ts';

export const killProcess = defineAction({
  name: 'host:kill',
  platform: 'host',
  doc: 'Ends the process that did it, with all that it started or with its container if wanted. Another process that has got its id meanwhile is left alone.',
  parameters: schema({
    scope: choice(killScopes, {
      default: 'process',
      doc: 'What is ended: the `process`, the `tree` of it and of all that it started, or everything in its `container`; for a process that is in none, in its control group, such as a service.',
    }),
    signal: choice(killSignals, { default: 'KILL', doc: 'Signal that is sent.' }),
  }),
  target: processTarget,
  continues: false,
  artifact: 'none',
  permissions: () => [],
  capabilities: ({ scope }) => killCapabilities(scope),
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'End the process.', parameters: {} },
    { doc: 'End it and all that it started.', parameters: { scope: 'tree' } },
    { doc: 'Ask everything in its container to end.', parameters: { scope: 'container', signal: 'TERM' } },
  ],
  run: ({ target, parameters, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.hostname, deed: 'kill', isDryRun, signal },
      data: { ...processDataOf(target), scope: parameters.scope, signal: parameters.signal },
    }),
});
