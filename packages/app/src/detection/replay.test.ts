/** Replays whose outcome depends on more than rules and events. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LookUpHost } from '@peregrine/fields';
import { afterAll, expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { replay } from './replay.ts';

const capture = join(import.meta.dirname, '../../../../corpora/captures/host/host.scap.gz');
const folder = mkdtempSync(join(tmpdir(), 'peregrine-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOOPBACK = 0x7f00_0001;

async function run(condition: string, lookUpHost: LookUpHost) {
  const file = join(folder, `${Math.random()}.log`);
  const rule = `- {rule: Connected, desc: d, condition: "${condition}", output: "to %fd.sip %fd.sip.name", priority: INFO}`;
  const log: string[] = [];
  const statistics = await replay({
    setup: setupOf([rule], `json_output: true\nfile_output: {enabled: true, filename: ${file}}`),
    captures: [capture],
    hostname: 'tester',
    programName: 'test',
    log: (_level, message) => log.push(message),
    onRules: () => {},
    signal: new AbortController().signal,
    lookUpHost,
  });
  const alerts = statistics?.matches[0]?.count ?? 0;
  const lines = alerts === 0 ? [] : readFileSync(file, 'utf8').trimEnd().split('\n');
  return { alerts, log, fields: lines.map((line) => JSON.parse(line).output_fields) };
}

test('host names are looked up before the first event', async () => {
  const asked: string[] = [];
  const { alerts, fields } = await run('evt.type = connect and fd.sip.name = example.test', async (name) => {
    asked.push(name);
    return [LOOPBACK];
  });
  expect(asked).toEqual(['example.test']);
  expect(alerts).toBeGreaterThan(0);
  expect(fields[0]).toMatchObject({ 'fd.sip': '127.0.0.1', 'fd.sip.name': 'example.test' });
});

test('a name without address belongs to nobody, and a line says so', async () => {
  const { alerts, log } = await run('evt.type = connect and fd.sip.name = example.test', async () => []);
  expect(alerts).toBe(0);
  expect(log).toContain('the host name `example.test` of a rule cannot be looked up: it has no address');
});

test('without host names in rules nothing is looked up', async () => {
  const { alerts } = await run('evt.type = connect and fd.sip = 127.0.0.1', () =>
    Promise.reject(new Error('not to be called')),
  );
  expect(alerts).toBeGreaterThan(0);
});
