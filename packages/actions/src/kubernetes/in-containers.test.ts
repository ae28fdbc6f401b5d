/** Commands, scripts, files and logs: what reaches a shell, and what comes back. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { FakeKube, failure } from '../../testing/fake-kube.ts';
import { putAlpine } from '../../testing/pods-of.ts';
import { parametersOf, runAction } from '../../testing/run-action.ts';
import { download } from './download.ts';
import { exec } from './exec.ts';
import { type ExecRequest, type ExecResult, KubeFailure } from './kube-port.ts';
import { log } from './log.ts';
import { script } from './script.ts';

let kube: FakeKube;
let seen: ExecRequest[];
beforeEach(() => {
  kube = new FakeKube();
  putAlpine(kube, { containers: ['app', 'side'] });
  seen = [];
});

/** Runs it here, as the container would. */
function runHere(request: ExecRequest): ExecResult {
  seen.push(request);
  const [program = '', ...words] = request.command;
  const { stdout, stderr, status } = spawnSync(program, words);
  return { stdout, stderr, exitCode: status ?? undefined, isCut: false };
}

const hostile = [
  '$(touch /tmp/peregrine-was-here)',
  '`reboot`',
  "'; reboot; '",
  '"; reboot; "',
  'a\nreboot\n',
  '${IFS}reboot',
  '-n; reboot',
  '\\"$(reboot)',
];

describe('hostile values', () => {
  const alertWith = (value: string): ReturnType<typeof alertOf> =>
    alertOf({ fields: { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'proc.cmdline': value } });

  test.each(hostile)('%j is a value, and nothing else', async (value) => {
    kube.onExec = runHere;
    const outcome = await runAction(exec, {
      ports: kube.ports,
      alert: alertWith(value),
      parameters: { command: 'printf "[%s]" "$PROC_CMDLINE"' },
    });
    expect(outcome).toMatchObject({ kind: 'done', results: { stdout: `[${value}]`, exit_code: 0 } });
    expect(seen[0]?.command).toEqual([
      ...['env', `PROC_CMDLINE=${value}`, '/bin/sh', '-c', 'printf "[%s]" "$PROC_CMDLINE"'],
    ]);
  });

  test.each(hostile)('%j in a script', async (value) => {
    kube.onExec = runHere;
    const outcome = await runAction(script, {
      ports: kube.ports,
      alert: alertWith(value),
      parameters: { script: 'X=${PROC_CMDLINE}\nprintf "%s|%s" "$0" "$X"\n' },
    });
    expect(outcome).toMatchObject({ kind: 'done', results: { stdout: `talon-script.sh|${value}` } });
  });

  test.each(['PATH', 'LD_PRELOAD', 'BASH_ENV', 'IFS', 'ENV', 'PS4', 'LD_LIBRARY_PATH'])(
    'no field becomes `%s`',
    async (name) => {
      kube.onExec = runHere;
      const fields = { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', [name.toLowerCase()]: '/evil' };
      const parameters = { command: `echo "$${name}"` };
      await runAction(exec, { ports: kube.ports, alert: alertOf({ fields }), parameters });
      expect(seen[0]?.command).toEqual(['/bin/sh', '-c', `echo "$${name}"`]);
    },
  );

  test('a path of the alert is one argument', async () => {
    kube.onExec = (request) => {
      seen.push(request);
      return { stdout: Buffer.from('x'), stderr: Buffer.of(), exitCode: 0, isCut: false };
    };
    const alert = alertWith('-n /etc/shadow; reboot');
    await runAction(download, { ports: kube.ports, alert, parameters: { file: '${PROC_CMDLINE}' } });
    expect(seen[0]?.command).toEqual(['cat', '--', '-n /etc/shadow; reboot']);
  });
});

describe('kubernetes:exec', () => {
  const run = (parameters: unknown): ReturnType<typeof runAction> =>
    runAction(exec, { ports: kube.ports, parameters });

  test('it runs in every container, and tells of each', async () => {
    kube.onExec = ({ container }) => ({
      ...{ stdout: Buffer.from(`of ${container}\n`), stderr: Buffer.of() },
      ...{ exitCode: container === 'app' ? 3 : 0, isCut: false },
    });
    expect(await run({ command: 'id' })).toMatchObject({
      kind: 'done',
      summary:
        'ran the command in pod default/alpine: `app`: exit code 3, "of app"; `side`: exit code 0, "of side"',
      results: { exit_code: 0, stdout: 'of side\n' },
    });
    expect(kube.calls.slice(2)).toEqual(['exec default/alpine app', 'exec default/alpine side']);
  });

  test('only in the one that is named', async () => {
    await run({ command: 'id', container: 'app', shell: '/bin/bash' });
    expect(kube.calls.at(-1)).toBe('exec default/alpine app');
    expect(kube.asked.at(-1)?.body).toMatchObject({ command: ['/bin/bash', '-c', 'id'] });
    expect(await run({ command: 'id', container: 'other' })).toMatchObject({ kind: 'refused' });
  });

  test('a container without a shell is told of, and keeps no other', async () => {
    const noShell = new KubeFailure('executable file not found', {
      ...{ status: 500, reason: 'NotStarted', mayBeDone: false },
    });
    kube.failNext('exec default/alpine app', noShell);
    expect(await run({ command: 'id' })).toMatchObject({
      kind: 'done',
      summary: expect.stringContaining('not in `app`: executable file not found'),
      results: { failed_containers: 1 },
    });
    kube.failNext('exec', noShell, noShell);
    expect(await run({ command: 'id' })).toMatchObject({ kind: 'refused' });
  });

  test.each([{ command: ' ' }, { command: 'id', shell: '' }, { command: 'id', shell: 'sh -x' }, {}])(
    '%j is refused',
    (wrong) => {
      expect(() => parametersOf(exec, wrong)).toThrow();
    },
  );
});

describe('kubernetes:script', () => {
  test('it comes from a file, and runs in the last container', async () => {
    kube.onExec = runHere;
    const file = join(mkdtempSync(join(tmpdir(), 'script-')), 'look.sh');
    writeFileSync(file, 'echo "looked: $RULE"\n');
    const outcome = await runAction(script, { ports: kube.ports, parameters: { file } });
    expect(outcome).toMatchObject({
      kind: 'done',
      results: { stdout: 'looked: Terminal shell in container\n' },
    });
    expect(kube.calls.at(-1)).toBe('exec default/alpine side');
    const missing = { file: `${file}.no` };
    expect(await runAction(script, { ports: kube.ports, parameters: missing })).toMatchObject({
      kind: 'refused',
    });
  });

  test.each([{}, { script: 'id', file: '/x' }])('%j is refused', (wrong) => {
    expect(() => parametersOf(script, wrong)).toThrow('script');
  });
});

describe('kubernetes:download', () => {
  test('the first container that has the file gives it, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    kube.onExec = ({ container }) =>
      container === 'app'
        ? { stdout: Buffer.of(), stderr: Buffer.from('cat: no such file'), exitCode: 1, isCut: false }
        : { stdout: bytes, stderr: Buffer.of(), exitCode: 0, isCut: false };
    const outcome = await runAction(download, { ports: kube.ports, parameters: { file: '/tmp/x' } });
    expect(outcome).toMatchObject({ kind: 'done', artifact: { name: '/tmp/x' }, results: { size: 5 } });
    expect(outcome.kind === 'done' && outcome.artifact?.bytes).toEqual(bytes);
  });

  test('a file that no container has is refused', async () => {
    const stderr = Buffer.from('cat: no such file');
    kube.onExec = () => ({ stdout: Buffer.of(), stderr, exitCode: 1, isCut: false });
    expect(await runAction(download, { ports: kube.ports, parameters: { file: '/x' } })).toMatchObject({
      kind: 'refused',
      reason: '`side`: cat: no such file',
    });
  });

  test('a field that the alert has not is named', async () => {
    expect(
      await runAction(download, { ports: kube.ports, parameters: { file: '${FD_NAME}' } }),
    ).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('${FD_NAME}'),
    });
  });
});

describe('kubernetes:log', () => {
  test('the first container that wrote something', async () => {
    kube.onLog = (container) => (container === 'side' ? 'a\nb\n' : '');
    const outcome = await runAction(log, { ports: kube.ports, parameters: { tail_lines: 2 } });
    expect(outcome).toMatchObject({
      kind: 'done',
      artifact: { name: 'side.log' },
      results: { container: 'side', log: 'a\nb\n' },
    });
    expect(kube.asked.at(-1)?.body).toMatchObject({ tailLines: 2 });
  });

  test('one that has not begun is passed over', async () => {
    kube.onLog = () => 'x';
    kube.failNext('log default/alpine app', failure(400, 'BadRequest'));
    const outcome = await runAction(log, { ports: kube.ports });
    expect(outcome).toMatchObject({ results: { container: 'side' } });
  });

  test('nothing was written', async () => {
    expect(await runAction(log, { ports: kube.ports })).toMatchObject({ kind: 'unchanged' });
  });
});
