/** Looks at a process, and changes nothing. */

import { closeSync } from 'node:fs';
import { schema } from '@peregrine/base';
import { defineDeed } from '../deed.ts';
import { identify, processKeys } from '../known-process.ts';

export const look = defineDeed({
  name: 'look',
  doc: 'Says whether the process of an alert is still there.',
  data: schema(processKeys),
  capabilities: () => [],
  run: (call) => {
    const known = identify(call.data, call);
    if (known.kind === 'not') return known.outcome;
    closeSync(known.pidfd);
    const { pid, startTicks, name } = known.facts;
    return {
      kind: 'done',
      summary: `process ${pid} is there`,
      results: { uid: `${pid}-${startTicks}`, name },
    };
  },
});
