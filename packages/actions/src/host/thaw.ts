/** Lets what was frozen go on. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { controlGroupTarget } from '../targets/control-group.ts';
import { processDataOf } from '../targets/process.ts';
import { askHands } from './ask-hands.ts';
import { freezeCapabilities } from './deeds/freeze.ts';

export const thawGroup = defineAction({
  name: 'host:thaw',
  platform: 'host',
  doc: 'Lets all processes of the container of the process that did it go on, or of its control group, after `host:freeze`.',
  parameters: schema({}),
  target: controlGroupTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: () => freezeCapabilities,
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [{ doc: 'Let the container go on.', parameters: {} }],
  run: ({ target, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.hostname, deed: 'thaw', isDryRun, signal },
      data: processDataOf(target),
    }),
});
