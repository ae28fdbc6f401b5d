import { afterEach, expect, test } from 'vitest';
import { alertOf, keep, openRulesInterface, type RulesInterface } from '../../../testing/rules-interface.ts';
import { arrivalsReply } from './stream-arrivals.ts';

let all: RulesInterface | undefined;
afterEach(() => all?.close());

test('tells of alerts together, and ends with the reader', async () => {
  all = await openRulesInterface({ rules: '[]' });
  const { store } = all;
  const stop = new AbortController();
  const { body } = arrivalsReply(store, stop.signal);
  const parts: string[] = [];
  let asked = 0;
  for await (const part of body) {
    parts.push(String(part));
    // While it waits for some, and while it pauses.
    if (asked++ < 3) void keep(store, [alertOf({}), alertOf({})]);
    else stop.abort();
  }
  const event = 'event: arrived\ndata: {"count":2}\n\n';
  expect(parts).toEqual(['retry: 2000\n\n', event, event, event]);
});
