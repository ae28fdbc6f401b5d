/** A recording that a response orders: from before the alert on, kept where the rule says, readable by the replay. */

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, run, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = `host:capture${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`;
const LIMIT_MS = 60_000;

test.skipIf(obstacle !== undefined)(title, { timeout: 4 * LIMIT_MS }, async () => {
  const scratch = new Scratch();
  const cgroup = createLiveCgroup();
  const kept = scratch.path('kept');
  mkdirSync(kept);
  const rules = scratch.write(
    'rules.yaml',
    '- rule: Read\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = /etc/hostname\n  output: read by %proc.name\n  priority: NOTICE\n',
  );
  const config = scratch.write(
    'falco.yaml',
    `rules_files: [${rules}]\ncapture: {enabled: true, path_prefix: ${scratch.path('rec')}, mode: rules}\n`,
  );
  const response = scratch.write(
    'response.yaml',
    `- rule: Record\n  match: {rules: [Read]}\n  actions:\n    - actionner: host:capture\n      parameters: {duration: 1}\n      output: {target: local:file, parameters: {destination: ${kept}}}\n`,
  );
  const hub = scratch.write(
    'hub.yaml',
    `journal: {path: ${scratch.path('state')}}\nresponse: {rulesfiles: [${response}]}\n`,
  );
  const program = start('peregrine', [
    'up',
    '-c',
    config,
    '--hub',
    hub,
    '--no-ui',
    '--scope',
    `cgroup:${cgroup.path}`,
  ]);
  try {
    await until('watching', () => program.err().includes('watching this machine'), LIMIT_MS);
    cgroup.spawn('exec 3</etc/hostname; sleep 1; exec 4</etc/hostname; sleep 30');
    await until(
      'the file is kept',
      () => /host:capture.* - done: recorded 1 s/.test(program.err()),
      LIMIT_MS,
    );
    const [file = ''] = readdirSync(kept);
    expect(file).toMatch(/^\d{4}-\d\d-\d\dT[\d-]+Z_.*\.scap$/);
    const replayed = await run('peregrine', ['replay', '-r', rules, join(kept, file)]);
    expect(replayed.out, replayed.err).toContain('read by sh');
    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  } finally {
    program.child.kill('SIGKILL');
    await program.ended;
    await cgroup.remove();
    scratch.remove();
  }
});
