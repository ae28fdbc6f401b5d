import { expect, test } from 'vitest';
import { queueAddressOf } from './queue-settings.ts';

test.each([
  ['nats://10.0.0.1/audit.>', { service: 'nats', isTls: false, servers: ['10.0.0.1:4222'], name: 'audit.>' }],
  [
    'kafka+tls://a.example:9093,b.example/events',
    { service: 'kafka', isTls: true, servers: ['a.example:9093', 'b.example:9092'], name: 'events' },
  ],
  ['nats+tls://[::1]:4333/x', { service: 'nats', isTls: true, servers: ['[::1]:4333'], name: 'x' }],
])('%s', (text, address) => {
  expect(queueAddressOf(text)).toEqual(address);
});

test.each([
  'nats://host',
  'nats://host/',
  'nats:///x',
  'kafka://user:password@host/topic',
  'kafka://a,,b/topic',
  'kafka://host:9092/a/b',
  'http://host/topic',
])('no address: %s', (text) => {
  expect(queueAddressOf(text)).toBeUndefined();
});
