/** Stops all processes of the control group that did it. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { controlGroupTarget } from '../targets/control-group.ts';
import { processDataOf } from '../targets/process.ts';
import { askHands, undoThrough } from './ask-hands.ts';
import { freezeCapabilities } from './deeds/freeze.ts';

export const freezeGroup = defineAction({
  name: 'host:freeze',
  platform: 'host',
  doc: 'Stops all processes of the container of the process that did it; for a process that is in none, of its control group, such as a service. They keep their memory, for whoever looks into it, and go on when they are thawed. Groups that hold Peregrine itself, process 1 or a way into the machine are left alone.',
  parameters: schema({}),
  target: controlGroupTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: () => freezeCapabilities,
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [{ doc: 'Stop the container.', parameters: {} }],
  run: ({ target, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.hostname, deed: 'freeze', isDryRun, signal },
      data: processDataOf(target),
    }),
  undo: (data, ports, signal) => undoThrough({ deed: 'thaw-group', data, ports, signal }),
});
