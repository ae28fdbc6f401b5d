import { describe, expect, test, vi } from 'vitest';
import type { CallMessage } from '../process/messages.ts';
import { answerTo, encode, type Handler, handlerOf } from './answer.ts';

const message = (contentType: string): CallMessage => ({
  kind: 'call',
  id: 7,
  event: { 'event-id': 'i', 'event-type': 'falco', 'event-time': null, 'event-namespace': 'n' },
  request: {
    method: 'POST',
    path: '/p',
    query: 'a=1',
    headers: { 'content-type': contentType },
    remote: 'r',
  },
});
const ask = (handler: Handler, body = '', contentType = 'application/json') =>
  answerTo(handler, { timeout: 1 }, message(contentType), Buffer.from(body));

describe('what a handler is given', () => {
  test('JSON, only when its type is exactly that', async () => {
    const seen: unknown[] = [];
    const handler: Handler = (event) => void seen.push(Reflect.get(event, 'data'));
    await ask(handler, '{"a":1}');
    await ask(handler, '');
    await ask(handler, 'x', 'application/json; charset=utf-8');
    expect(seen).toEqual([{ a: 1 }, null, Buffer.from('x')]);
  });

  test('event, context and request', async () => {
    let seen: readonly unknown[] = [];
    await ask((...given) => {
      seen = given;
    }, '1');
    expect(seen).toMatchObject([
      {
        data: 1,
        'event-id': 'i',
        'event-type': 'falco',
        'event-time': null,
        'event-namespace': 'n',
        extensions: { request: { method: 'POST', path: '/p', url: '/p?a=1', query: { a: '1' }, body: 1 } },
      },
      { timeout: 1 },
    ]);
  });

  test('nonsense that is called JSON does not get there', async () => {
    expect((await ask(() => 1, '{')).done).toMatchObject({ id: 7, outcome: 'bad_json' });
  });
});

test('what is thrown is told without calls of ours', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { done } = await ask(() => {
    throw new RangeError('x');
  });
  expect(done).toEqual({ kind: 'done', id: 7, outcome: 'raised', reason: 'RangeError' });
  const [[error]] = told.mock.calls as unknown as [[Error]];
  expect(error.stack).toMatch(/^RangeError: x/);
  expect(error.stack).not.toContain('answer.ts');
  told.mockRestore();
});

test.each<[unknown, string, string]>([
  [undefined, 'text/html; charset=utf-8', ''],
  [null, 'text/html; charset=utf-8', ''],
  ['täxt', 'text/html; charset=utf-8', 'täxt'],
  [Buffer.from('b'), 'text/html; charset=utf-8', 'b'],
  [0, 'application/json', '0'],
  [{ a: [1] }, 'application/json', '{"a":[1]}'],
])('%j becomes', (value, contentType, text) => {
  const encoded = encode(value);
  expect([encoded.contentType, Buffer.from(encoded.bytes).toString()]).toEqual([contentType, text]);
});

test('what JSON does not have is an error', async () => {
  expect(() => encode(() => 1)).toThrow('a function cannot answer with a function');
});

test('the handler of a module', () => {
  const [a, b, c] = [() => 1, () => 2, () => 3];
  expect(handlerOf({ handler: a, default: { handler: b } }, 'handler')).toBe(a);
  expect(handlerOf({ default: { handler: b } }, 'handler')).toBe(b);
  expect(handlerOf({ default: c }, 'handler')).toBe(c);
  expect(handlerOf({ handler: 1, default: null }, 'handler')).toBeUndefined();
});
