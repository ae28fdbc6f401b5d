import { expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { artifactName } from './artifact-name.ts';

const decidedMs = Date.parse('2026-01-31T09:08:07.654Z');
const pod = { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine' };

test.each([
  ['etc/passwd', pod, 'node-1', '2026-01-31T09-08-07Z_default_alpine_etc_passwd'],
  ['/etc/passwd', {}, 'node-1', '2026-01-31T09-08-07Z_node-1_etc_passwd'],
  ['capture.pcap', { ...pod, 'k8s.pod.name': '<NA>' }, 'n', '2026-01-31T09-08-07Z_default_capture.pcap'],
  ['x', {}, '../../evil host', '2026-01-31T09-08-07Z_evil_host_x'],
  ['x', {}, '', '2026-01-31T09-08-07Z_x'],
])('%s', (file, fields, hostname, name) => {
  expect(artifactName(file, { decidedMs }, alertOf({ fields, hostname }))).toBe(name);
});

test('parts are bounded', () => {
  const fields = { 'k8s.ns.name': 'n'.repeat(500), 'k8s.pod.name': 'p'.repeat(500) };
  expect(artifactName('f'.repeat(500), { decidedMs }, alertOf({ fields })).length).toBeLessThan(330);
});
