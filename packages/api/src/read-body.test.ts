import { afterEach, expect, test } from 'vitest';
import { type HttpServer, listen } from './listener.ts';
import { type Body, readBody } from './read-body.ts';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What a request's body was read as, with a limit of 10 bytes and room for 8. */
async function readAs(body: string, chunked = false): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  let room = 8;
  server = await listen(
    {
      address: '127.0.0.1',
      port: 0,
      certificate: undefined,
      mostConnections: 4,
      requestLimitMs: 10_000,
      idleLimitMs: 1_000,
    },
    (request, response) => {
      void readBody(request, 10, (bytes) => {
        room -= bytes;
        return room >= 0;
      }).then((read) => {
        resolve(read);
        response.setHeader('connection', 'close').end();
      });
    },
  );
  const sent = chunked ? new Blob([body]).stream() : body;
  await fetch(server.url, { method: 'POST', body: sent, duplex: 'half' } as RequestInit).catch(
    () => undefined,
  );
  return promise;
}

test('a body within the limit', async () => {
  expect(await readAs('12345678')).toEqual({ kind: 'body', bytes: Buffer.from('12345678') });
});

test('no body is an empty one', async () => {
  expect(await readAs('')).toEqual({ kind: 'body', bytes: Buffer.alloc(0) });
});

test.each([false, true])('one that is too large, chunked: %s', async (chunked) => {
  expect(await readAs('x'.repeat(11), chunked)).toEqual({ kind: 'too_large' });
});

test('one that there is no room for', async () => {
  expect(await readAs('123456789')).toEqual({ kind: 'no_room' });
});

test('one that does not come to its end', async () => {
  const { promise, resolve } = Promise.withResolvers<Body>();
  server = await listen(
    {
      address: '127.0.0.1',
      port: 0,
      certificate: undefined,
      mostConnections: 4,
      requestLimitMs: 10_000,
      idleLimitMs: 1_000,
    },
    (request) => void readBody(request, 10).then(resolve),
  );
  const { connect } = await import('node:net');
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12', () => socket.destroy());
  expect(await promise).toEqual({ kind: 'aborted' });
});
