/** The alert of `POST /test`, which goes to every output whatever its minimum priority. */

import { parseAlertTime, TEST_RULE } from '@peregrine/alert';
import type { DecodedAlert } from './decode-alert.ts';

/** COMPAT: falcosidekick's texts. */
export function testAlert(nowMs: number): DecodedAlert {
  return {
    output: 'This is a test from falcosidekick',
    priority: 'Debug',
    rule: TEST_RULE,
    time: parseAlertTime(`${new Date(nowMs).toISOString().slice(0, 19)}Z`),
    source: 'debug',
    tags: ['test', 'example'],
    hostname: 'falcosidekick',
    fields: { 'proc.name': 'falcosidekick', 'user.name': 'falcosidekick' },
  };
}
