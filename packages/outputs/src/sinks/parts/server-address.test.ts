import { mapNode, readTree, scalarNode, schema } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostPortOf, serverAddress, serverAddresses } from './server-address.ts';

const ports = { '': undefined, nats: 4222, tls: 4222 };
const keys = schema({
  one: serverAddress({ doc: '', example: '', ports }),
  many: serverAddresses({ doc: '', example: '', ports }),
});

function read(text: string) {
  const node = scalarNode(text);
  const { value, diagnostics } = readTree(
    keys,
    mapNode([
      ['one', node],
      ['many', node],
    ]),
  );
  return value?.one ?? diagnostics[0]?.message;
}

test.each([
  ['broker:99', { protocol: '', host: 'broker', port: 99, user: '', path: '' }],
  ['nats://broker', { protocol: 'nats', host: 'broker', port: 4222, user: '' }],
  [
    'TLS://Broker.example.org:1/a/b?c=d',
    { protocol: 'tls', host: 'Broker.example.org', port: 1, path: 'a/b?c=d' },
  ],
  ['nats://u%40x:p%2Fw@[::1]:5', { host: '::1', port: 5, user: 'u@x' }],
  ['u:p@broker:99', { host: 'broker', port: 99, user: 'u' }],
])('%s', (text, parts) => {
  expect(read(text)).toMatchObject(parts);
});

test.each([
  ['broker', '`one` is `***`: it has no port'],
  ['http://broker:1', '`one` is `***`: it begins with none of `nats://`, `tls://`'],
  ['nats://', '`one` is `***`: it is no address'],
  ['nats://bro ker', '`one` is `***`: it is no address'],
  ['broker:99999', '`one` is `***`: it is no address'],
  ['nats://%@a', '`one` is `***`: a `%` in it is not followed by two digits'],
])('%s is refused', (text, message) => {
  expect(read(text)).toBe(message);
});

test('a password is given out only to whoever asks for it', () => {
  const address = read('nats://u:p%2Fw@broker');
  expect(typeof address === 'object' && address.password.reveal()).toBe('p/w');
  expect(JSON.stringify(address)).not.toContain('p/w');
});

test('no text makes it throw, and what it reads can be written again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (text) => {
      const found = read(text);
      if (typeof found !== 'object') return;
      expect(read(`nats://${hostPortOf(found)}`)).toMatchObject({ host: found.host, port: found.port });
    }),
  );
});
