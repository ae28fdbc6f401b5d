/** Reference of the hub's own keys; those of outputs have a page of their own. */

import { hubSchema } from '../../packages/app/src/hub/config/keys.ts';
import { rowsOf } from './configuration-page.ts';
import { type Page, table } from './markdown.ts';

export function hubPage(): Page {
  return {
    name: 'hub.md',
    title: 'Hub',
    summary: 'Every key of the hub itself: what it takes, how it keeps and delivers it.',
    body: [
      'The file is YAML, as Falcosidekick has it; letter case of keys does not count. Every key is also an environment',
      'variable, which wins over the file: the path in capitals, with `_` for dots (`tlsserver.deploy` is `TLSSERVER_DEPLOY`).',
      'There, lists are separated by commas, and maps are `k:v,k2:v2`. `${NAME}` in the file is the environment variable.',
      '',
      table(['key', 'type', 'default', 'meaning'], rowsOf(hubSchema.keys, '')),
    ].join('\n'),
  };
}
