/** A hub alone, as root: an alert that is posted leads to what its rules do on this machine. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seesAllProcesses } from '../packages/actions/src/host/linux/process-facts.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

const isUsable = process.getuid?.() === 0 && seesAllProcesses();
const LIMIT_MS = 60_000;

describe.skipIf(!isUsable)('a hub that acts on its machine, as root', { timeout: 2 * LIMIT_MS }, () => {
  let scratch: Scratch;
  let running: Running | undefined;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    scratch.remove();
  });

  test('ends a process, leaves the hub alone, and runs what rules name', async () => {
    const said = scratch.path('said');
    const response = scratch.write(
      'response.yaml',
      `- rule: Act
  match: {rules: [Miner]}
  actions:
    - {action: End it, actionner: 'host:kill', continue: true, ignore_errors: true}
    - {action: Note it, actionner: 'host:run', parameters: {command: [/bin/sh, -c, 'echo "$PROC_NAME" >> ${said}']}}
`,
    );
    const hub = scratch.write(
      'hub.yaml',
      `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${scratch.path('state')} }\nresponse: { rulesfiles: [${response}] }\n`,
    );
    const program = start('peregrine', ['hub', '-c', hub]);
    running = program;
    const listening = /listening on (127\.0\.0\.1):(\d+)/;
    await until('listening', () => listening.test(program.err()), LIMIT_MS);
    const url = `http://127.0.0.1:${listening.exec(program.err())?.[2]}/`;
    const post = async (pid: number | undefined, name: string): Promise<void> => {
      const alert = {
        ...{ output: `a miner ${name}`, priority: 'Critical', rule: 'Miner', hostname: 'tester' },
        ...{ time: new Date().toISOString(), output_fields: { 'proc.pid': pid, 'proc.name': name } },
      };
      expect((await fetch(url, { method: 'POST', body: JSON.stringify(alert) })).status).toBe(200);
    };

    const child = spawn('sleep', ['600']);
    const ended = once(child, 'exit');
    await post(child.pid, 'sleep');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    await until('the second step', () => existsSync(said), LIMIT_MS);

    await post(program.child.pid, '$(id)');
    await until('a refusal', () => /is (Peregrine's own|protected)/.test(program.err()), LIMIT_MS);
    await until('its second step', () => readFileSync(said, 'latin1').includes('\n$(id)\n'), LIMIT_MS);
    expect(readFileSync(said, 'latin1')).toBe('sleep\n$(id)\n');
    program.child.kill('SIGTERM');
    const end = await program.ended;
    expect([end.status, bugIn(end)]).toEqual([0, '']);
  });
});
