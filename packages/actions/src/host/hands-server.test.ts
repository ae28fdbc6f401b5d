import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { schema, text } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActionOutcome } from '../action.ts';
import { type Deed, defineDeed } from './deed.ts';
import { MOST_LINE_BYTES, MOST_RUNNING, serveHands } from './hands-server.ts';
import { defaultHandsSettings } from './hands-settings.ts';
import { openLinuxCalls } from './linux/calls.ts';

const echo = defineDeed({
  name: 'echo',
  doc: 'Says what it was given.',
  data: schema({ word: text({ doc: 'Any.' }) }),
  capabilities: () => [],
  run: ({ data, isDryRun }) => ({ kind: 'done', summary: `${isDryRun ? 'dry ' : ''}${data.word}` }),
});
const breaks = defineDeed({
  name: 'breaks',
  doc: 'Fails as only a bug does.',
  data: schema({}),
  capabilities: () => [],
  run: () => {
    throw new Error('a bug');
  },
});

function serve(deeds: readonly Deed[] = [echo, breaks]) {
  const [near, far] = duplexPair();
  const served = serveHands(far, {
    deeds,
    hasCapability: () => true,
    settings: defaultHandsSettings(),
    calls: openLinuxCalls(),
    ownPids: [],
    accountsRoot: '',
  });
  let said = '';
  near.on('data', (piece: Buffer) => {
    said += String(piece);
  });
  near.on('error', () => {});
  const answers = (): readonly { readonly id: number; readonly outcome: ActionOutcome }[] =>
    said
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { near, served, answers };
}

const requestLine = (id: number, deed: string, data: unknown, isDryRun = false): string =>
  `${JSON.stringify({ id, deed, data, isDryRun })}\n`;

test.each<[string, unknown]>([
  [requestLine(1, 'echo', { word: 'x' }), { kind: 'done', summary: 'x' }],
  [requestLine(1, 'echo', { word: 'x' }, true), { kind: 'done', summary: 'dry x' }],
  ['{"id":1,"deed":"echo","data":{"word":"x"}}\n', { kind: 'done', summary: 'dry x' }],
  [requestLine(1, 'breaks', {}), { kind: 'refused', reason: 'it broke: a bug' }],
  [requestLine(1, 'sing', {}), { kind: 'refused', reason: 'there is no deed `sing`' }],
  [requestLine(1, 'echo', {}), { kind: 'refused', reason: expect.stringContaining('`word`') }],
  [
    requestLine(1, 'echo', { word: 'x', more: 1 }),
    { kind: 'refused', reason: expect.stringContaining('`more`') },
  ],
])('%j', async (line, outcome) => {
  const { near, served, answers } = serve();
  near.end(line);
  await served;
  await expect.poll(answers).toEqual([{ id: 1, outcome }]);
});

test('does only so much at once', async () => {
  const gate = Promise.withResolvers<void>();
  const waits = defineDeed({
    ...{ name: 'waits', doc: 'Waits.', data: schema({}), capabilities: () => [] },
    run: async () => {
      await gate.promise;
      return { kind: 'done', summary: 'waited' };
    },
  });
  const { near, served, answers } = serve([waits]);
  for (let id = 1; id <= MOST_RUNNING + 1; id++) near.write(requestLine(id, 'waits', {}));
  await expect.poll(answers).toMatchObject([{ id: MOST_RUNNING + 1, outcome: { kind: 'retry' } }]);
  gate.resolve();
  await expect.poll(() => answers().length).toBe(MOST_RUNNING + 1);
  near.end();
  await served;
});

test('ends where a request has no end', async () => {
  const { near, served } = serve();
  near.write(Buffer.alloc(MOST_LINE_BYTES + 1, 'x'));
  await served;
});

test('tells deeds that nobody listens any more', async () => {
  const seen = Promise.withResolvers<void>();
  const lasts = defineDeed({
    ...{ name: 'lasts', doc: 'Lasts.', data: schema({}), capabilities: () => [] },
    run: async ({ signal }) => {
      seen.resolve();
      await once(signal, 'abort');
      return { kind: 'done', summary: 'ended' };
    },
  });
  const { near, served } = serve([lasts]);
  near.write(requestLine(1, 'lasts', {}));
  await seen.promise;
  near.end();
  await served;
});

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((word) => Buffer.from(word)),
  fc.json({ maxDepth: 2 }).map((json) => Buffer.from(`${json}\n`)),
  fc.constant(Buffer.from('\n')),
);

test('no bytes break it, and each answer belongs to a request', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (junk, ids) => {
        const { near, served, answers } = serve();
        for (const [index, bytes] of junk.entries()) {
          near.write(bytes);
          const id = ids[index];
          // A line of its own, whatever was before it.
          if (id !== undefined) near.write(`\n${requestLine(id, 'echo', { word: `w${id}` })}`);
        }
        near.end();
        await served;
        const asked = ids.slice(0, junk.length);
        await expect.poll(() => answers().length).toBe(asked.length);
        expect(answers().toSorted((a, b) => a.id - b.id)).toEqual(
          asked.toSorted((a, b) => a - b).map((id) => ({ id, outcome: { kind: 'done', summary: `w${id}` } })),
        );
      },
    ),
  );
});
