/** Replays of the recordings give, line for line, the alerts that the reference gave. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, run, seedsRules } from './program.ts';

const SHARED = join(root, '..', 'shared');
const UPSTREAM = join(SHARED, 'upstream');
/** The reference ran on a machine of this name. */
const RECORDED = { environment: { FALCO_HOSTNAME: 'vm' } };

const stable = [join(UPSTREAM, 'falco_rules.yaml')];
const rulesByName: Readonly<Record<string, readonly string[]>> = {
  stable,
  all: [
    ...stable,
    ...['falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map((name) => join(UPSTREAM, name)),
  ],
  seeds: [seedsRules],
};

interface GoldenRun {
  readonly capture: string;
  readonly rules: string;
  readonly matching: 'first' | 'all';
}

function runsOf(captures: readonly string[], rules: readonly string[]): readonly GoldenRun[] {
  return captures.flatMap((capture) =>
    rules.flatMap((name) =>
      (['first', 'all'] as const).map((matching) => ({ capture, rules: name, matching })),
    ),
  );
}

async function replay(capturePath: string, { rules, matching }: GoldenRun, ...flags: readonly string[]) {
  const files = (rulesByName[rules] ?? []).flatMap((file) => ['-r', file]);
  const given = ['replay', capturePath, ...files, '--matching', matching, ...flags];
  const { status, out, err } = await run('peregrine', given, RECORDED);
  expect(status, err).toBe(0);
  return linesIn(out);
}

function linesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function linesOf(path: string): readonly string[] {
  return linesIn(readFileSync(path, 'utf8'));
}

describe('our recordings with the seeds rules', () => {
  test.each(runsOf(['host', 'container'], ['seeds']))('$capture, $matching', async (golden) => {
    const { capture, matching } = golden;
    const path = join(root, 'corpora', 'captures', capture, `${capture}.scap.gz`);
    const recorded = join(root, 'corpora', 'detect', 'seeds', `${capture}.${matching}`);
    expect(await replay(path, golden, '--json')).toEqual(linesOf(`${recorded}.jsonl`));
    if (matching === 'first') expect(await replay(path, golden)).toEqual(linesOf(`${recorded}.txt`));
  });
});

describe.skipIf(!existsSync(UPSTREAM))('all recordings with upstream rules (needs ../shared)', () => {
  const captures = ['host', 'container', 'curl_google', 'single_ipv6_conn', 'test_ipv6_client'];
  test.each(runsOf(captures, ['stable', 'all', 'seeds']))('$capture, $rules, $matching', async (golden) => {
    const { capture, rules, matching } = golden;
    const folder = join(SHARED, 'golden', capture);
    const zipped = join(folder, `${capture}.scap.gz`);
    const path = existsSync(zipped) ? zipped : join(folder, `${capture}.scap`);
    const recorded = linesOf(join(folder, `${rules}.${matching}.jsonl`));
    expect(await replay(path, golden, '--json')).toEqual(recorded);
  });
});
