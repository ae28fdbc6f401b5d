import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectHands, decodeOutcome } from './hands-client.ts';

const request = { deed: 'kill', data: { pid: 4711 }, isDryRun: false };
const never = new AbortController().signal;

function connect() {
  const [near, far] = duplexPair();
  let asked = '';
  far.on('data', (piece: Buffer) => {
    asked += String(piece);
  });
  const lines = (): readonly { readonly id: number }[] =>
    asked
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { ...connectHands(near, 'node-1'), far, lines };
}

test('answers find who asked, in any order', async () => {
  const { port, far, lines } = connect();
  const [first, second] = [port.ask(request, never), port.ask(request, never)];
  await expect.poll(lines).toEqual([
    { id: 1, ...request },
    { id: 2, ...request },
  ]);
  far.write(
    '{"id":7,"outcome":{"kind":"done"}}\nno json\n{"id":2,"outcome":{"kind":"unchanged","reason":"b"}}\n',
  );
  far.write('{"id":1,"outcome":{"kind":"done","summary":"a","undo":{"x":1},"results":{"n":2,"o":{}}}}\n');
  expect(await second).toEqual({ kind: 'unchanged', reason: 'b' });
  expect(await first).toEqual({ kind: 'done', summary: 'a', changes: [], undo: { x: 1 }, results: { n: 2 } });
});

test('what was asked when the connection breaks is unknown, and nothing can be asked after', async () => {
  const { port, far, lines } = connect();
  const asked = port.ask(request, never);
  await expect.poll(lines).toHaveLength(1);
  far.end();
  expect(await asked).toMatchObject({ kind: 'unknown' });
  expect(await port.ask(request, never)).toEqual({
    kind: 'refused',
    reason: 'what acts on this machine has ended; start Peregrine again',
  });
});

test('who gives up waiting does not know', async () => {
  const { port, far } = connect();
  const giveUp = new AbortController();
  const asked = port.ask(request, giveUp.signal);
  giveUp.abort();
  expect(await asked).toMatchObject({ kind: 'unknown' });
  expect(await port.ask(request, giveUp.signal)).toMatchObject({ kind: 'retry' });
  far.write('{"id":1,"outcome":{"kind":"done","summary":"late"}}\n');
  const next = port.ask(request, never);
  far.write('{"id":2,"outcome":{"kind":"refused","reason":"no"}}\n');
  expect(await next).toEqual({ kind: 'refused', reason: 'no' });
});

test('more than can be handed over is refused', async () => {
  const { port } = connect();
  const data = { text: 'x'.repeat(5 * 2 ** 20) };
  expect(await port.ask({ ...request, data }, never)).toMatchObject({ kind: 'refused' });
});

test('whatever comes as an outcome is one', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const { kind } = decodeOutcome(given);
      expect(['done', 'unchanged', 'refused', 'retry', 'unknown']).toContain(kind);
    }),
  );
  expect(decodeOutcome({ kind: 'finished' })).toMatchObject({ kind: 'unknown' });
  expect(decodeOutcome({ kind: 'retry', reason: 'r', afterMs: 5 })).toEqual({
    kind: 'retry',
    reason: 'r',
    afterMs: 5,
  });
  expect(
    decodeOutcome({ kind: 'done', summary: 's', changes: [{ object: 'o', after: 'a', part: 3 }, 4] }),
  ).toEqual({
    ...{ kind: 'done', summary: 's', results: {} },
    changes: [{ object: 'o', after: 'a' }, { object: '' }],
  });
});
