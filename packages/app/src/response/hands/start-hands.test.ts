import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { seesAllProcesses } from '@peregrine/actions/hands';
import { expect, test } from 'vitest';
import { namesIn } from '../../privileges/capability-set.ts';
import { parseProcessStatus } from '../../privileges/process-status.ts';
import { inheritance } from './inheritance.ts';
import { inheritedHands, startHands } from './start-hands.ts';

const isRoot = process.getuid?.() === 0 && seesAllProcesses();
const never = new AbortController().signal;
const started = { protections: {}, hostname: 'node-1' };

function requestFor(pid: number) {
  return { deed: 'kill', data: { pid, seen_ms: Date.now() }, isDryRun: false };
}

test.skipIf(!isRoot)(
  'acts with the capabilities that it was given, and with no others, as root',
  async () => {
    const { pid, connect } = startHands({ ...started, capabilities: ['CAP_KILL', 'CAP_SYS_PTRACE'] });
    const { port, close } = connect();
    const child = spawn('sleep', ['600']);
    const outcome = await port.ask(requestFor(child.pid ?? 0), never);
    expect(outcome).toMatchObject({ kind: 'done', results: { count: 1, signal: 'KILL' } });
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const { permitted, effective, bounding, hasNoNewPrivileges } = parseProcessStatus(
      readFileSync(`/proc/${pid}/status`, 'latin1'),
    );
    for (const set of [permitted, effective, bounding])
      expect(namesIn(set)).toEqual(['CAP_KILL', 'CAP_SYS_PTRACE']);
    expect(hasNoNewPrivileges).toBe(true);

    expect(await port.ask(requestFor(process.pid), never)).toMatchObject({ kind: 'refused' });
    close();
    await expect.poll(() => isThere(pid), { timeout: 20_000 }).toBe(false);
  },
);

test('refuses what it has no capabilities for', async () => {
  const { connect } = startHands({ ...started, capabilities: [] });
  const { port, close } = connect();
  expect(await port.ask(requestFor(process.pid), never)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('start Peregrine as root'),
  });
  close();
});

test.skipIf(!isRoot)('leaves alone what it was told to, as root', async () => {
  const child = spawn('sleep', ['600']);
  const protections = { pids: [child.pid ?? 0] };
  const capabilities = ['CAP_KILL', 'CAP_SYS_PTRACE'];
  const { port, close } = startHands({ ...started, protections, capabilities }).connect();
  expect(await port.ask(requestFor(child.pid ?? 0), never)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('is protected'),
  });
  close();
  child.kill('SIGKILL');
});

test('the connection goes over to the program that takes the place of the one that started it', async () => {
  const heir = fileURLToPath(new URL('../../../testing/hands-heir.ts', import.meta.url));
  const child = spawn(process.execPath, [heir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await text(child.stdout);
  expect(JSON.parse(said)).toEqual({
    outcome: { kind: 'refused', reason: 'there is no deed `sing`' },
    isInheritedTwice: false,
    isFirstPid: true,
  });
});

test('nothing is inherited from a program that had another process', () => {
  const [name = '', value = ''] = inheritance(7).split('=');
  process.env[name] = value.replace(/^\d+/, '1');
  expect(inheritedHands('node-1')).toBeUndefined();
  expect(process.env[name]).toBeUndefined();
});

function isThere(pid: number | undefined): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
