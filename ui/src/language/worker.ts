/** Entry of the thread in which rules are checked while they are written, so that writing never waits for it. */

import './buffer.ts';
import type { Catalogue } from '@peregrine/lang';
import { catalogueOf } from './catalogue.ts';
import { checkFiles } from './check.ts';
import type { CheckAnswer, CheckRequest } from './messages.ts';

let catalogue: Catalogue<never> | undefined;

addEventListener('message', ({ data }: MessageEvent<CheckRequest>) => {
  const { id, facts, files } = data;
  if (facts !== undefined) catalogue = catalogueOf(facts);
  if (catalogue === undefined) return;
  const answer: CheckAnswer = { id, ...checkFiles(files, catalogue) };
  postMessage(answer);
});
