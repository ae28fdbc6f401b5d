import { expect, test } from 'vitest';
import { ResponderFake } from '../../../testing/response-fake.ts';
import { runsReply } from './stream-runs.ts';

/** What a reader got, as `event data` for each event. */
function eventsIn(
  text: unknown,
): readonly (readonly [string, { id?: string; state?: string; missed?: number }])[] {
  return [...String(text).matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, name = '', data = '']) => [
    name,
    JSON.parse(data),
  ]);
}

test('a reader gets each change, and of what changes while it is not reading the latest', async () => {
  const responder = new ResponderFake();
  const stop = new AbortController();
  const reader = runsReply(responder, stop.signal).body[Symbol.asyncIterator]();
  expect(String((await reader.next()).value)).toContain('retry:');
  const later = reader.next();
  const first = responder.add({ state: 'begun' });
  expect(eventsIn((await later).value)).toMatchObject([['run', { id: first.id, state: 'begun' }]]);
  const second = responder.add({ summary: 'a text with\n\nevent: run\ndata: {}\n\n' });
  responder.change(first.id, { state: 'failed' });
  responder.change(first.id, { state: 'done' });
  expect(eventsIn((await reader.next()).value)).toMatchObject([
    ['run', { id: second.id, summary: second.summary }],
    ['run', { id: first.id, state: 'done' }],
  ]);
  const last = reader.next();
  stop.abort();
  expect((await last).done).toBe(true);
  expect(responder.listenerCount).toBe(0);
});

test('a reader that is far too slow is told how many it missed', async () => {
  const responder = new ResponderFake();
  const stop = new AbortController();
  const reader = runsReply(responder, stop.signal).body[Symbol.asyncIterator]();
  await reader.next();
  const begun = reader.next();
  responder.add();
  await begun;
  for (let i = 0; i < 2_010; i++) responder.add();
  const events = eventsIn((await reader.next()).value);
  expect(events[0]).toEqual(['behind', { missed: 10 }]);
  expect(events).toHaveLength(2_001);
  stop.abort();
  await reader.return?.();
});
