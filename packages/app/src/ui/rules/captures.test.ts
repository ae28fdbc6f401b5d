import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiError } from '@peregrine/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asked, openRulesInterface, type RulesInterface } from '../../../testing/rules-interface.ts';
import { MANAGED_NAME } from './rule-book.ts';

const recording = join(import.meta.dirname, '../../../../../corpora/captures/host/host.scap.gz');
const rules = `- rule: Opened
  desc: d
  condition: evt.type in (open, openat)
  output: "%proc.name %fd.name"
  priority: NOTICE
- rule: Off
  desc: d
  condition: evt.type in (open, openat)
  output: off
  priority: NOTICE
  enabled: false
`;
let folder = '';
let all: RulesInterface;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-captures-'));
  mkdirSync(join(folder, 'captures/inner'), { recursive: true });
  copyFileSync(recording, join(folder, 'captures/inner/host.scap.gz'));
  writeFileSync(join(folder, 'captures/broken.scap'), 'no recording');
  writeFileSync(join(folder, 'captures/notes.txt'), 'no recording');
  writeFileSync(join(folder, 'outside.scap'), 'outside');
  all = await openRulesInterface({ rules, captureFolder: join(folder, 'captures') });
});
afterAll(async () => {
  await all.close();
  rmSync(folder, { recursive: true, force: true });
});

const attempt = (capture: string, rule?: string, text = '') =>
  all.rules.tryRulesOnCapture(asked({ body: { name: MANAGED_NAME, text, capture, rule } }));
const problem = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: ApiError) => `${error.status} ${error.code}`,
  );

test('recordings are told by name, and nothing else in the folder is', async () => {
  const { captures } = await all.rules.listCaptures(asked({}));
  expect(captures.map(({ name }) => name)).toEqual(['broken.scap', 'inner/host.scap.gz']);
});

test('rules are tried on a recording, also one that is off', async () => {
  const answer = await attempt('inner/host.scap.gz');
  expect(answer).toMatchObject({ isComplete: true, findings: [], counts: [{ rule: 'Opened' }] });
  expect(answer.examined).toBeGreaterThan(answer.counts[0]?.count ?? 0);
  expect(answer.samples).toHaveLength(5);
  expect(await attempt('inner/host.scap.gz', 'Off')).toMatchObject({
    counts: [{ rule: 'Off', count: answer.counts[0]?.count }],
    samples: Array.from({ length: 5 }, () => ({ rule: 'Off', output: 'off' })),
  });
});

test('what cannot be tried is said', async () => {
  expect(await problem(attempt('broken.scap'))).toBe('422 capture-failed');
  expect(await problem(attempt('inner/host.scap.gz', 'None'))).toBe('404 no-rule');
  expect(await problem(attempt('inner/host.scap.gz', undefined, '- rule: x\n'))).toBe('422 bad-rules');
  for (const name of [
    '../outside.scap',
    'inner/../../outside.scap',
    `${folder}/outside.scap`,
    'notes.txt',
    '',
  ])
    expect(await problem(attempt(name)), name).toBe('404 no-capture');
});

test('one at a time', async () => {
  const first = attempt('inner/host.scap.gz');
  expect(await problem(attempt('inner/host.scap.gz'))).toBe('429 capture-busy');
  expect(await problem(first)).toBe('none');
});
