import { parseDuration } from '@peregrine/base';
import { expect, test } from 'vitest';
import { configOf } from '../../testing/setup.ts';

test.each([
  ['100ms', 100],
  ['5s', 5_000],
  ['1h30m', 5_400_000],
  ['1y2w3d4h5m6s7ms', 33_019_506_007],
  ['0s', 0],
  ['5000', undefined],
  ['', undefined],
  ['1m1h', undefined],
  ['1.5h', undefined],
  ['-1s', undefined],
  ['1s ', undefined],
])('%j', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ['metrics: { enabled: true, interval: 5000, output_rule: true }', 'with its unit'],
  ['metrics: { enabled: true, interval: 99ms, output_rule: true }', 'at least 100ms'],
  ['metrics: { enabled: true }', 'goes nowhere'],
  ['metrics: { enabled: true }\nwebserver: { enabled: true }', 'goes nowhere'],
  ['webserver: { enabled: true, listen_address: localhost }', 'must be an IP address'],
  ['webserver: { enabled: true, k8s_healthz_endpoint: healthz }', 'must begin with a slash'],
])('%s is refused', (yaml, why) => {
  expect(() => configOf(yaml)).toThrowError(why);
});

test.each([
  'metrics: { enabled: true, output_rule: true }',
  'metrics: { enabled: true, interval: 1h, output_file: /tmp/x }',
  'metrics: { enabled: true }\nwebserver: { enabled: true, prometheus_metrics_enabled: true, listen_address: "::1" }',
])('%s is taken', (yaml) => {
  expect(configOf(yaml).metrics.enabled).toBe(true);
});
