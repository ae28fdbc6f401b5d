/** Says that somebody is there. */

import { schema } from '@peregrine/base';
import { defineDeed } from '../deed.ts';

export const greet = defineDeed({
  name: 'greet',
  doc: 'Says that what acts on this machine is there.',
  data: schema({}),
  capabilities: () => [],
  run: () => ({ kind: 'done', summary: 'it is there' }),
});
