/** Sources of events that are not Kubernetes: the plugin of the guide as it stands there, and any stream of JSON. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bugIn, type Running, root, run, Scratch, start, until } from './program.ts';

// The program starts several threads, which takes a machine that is busy its time.
vi.setConfig({ testTimeout: 240_000 });

let scratch: Scratch;
let program: Running | undefined;

beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  program?.child.kill('SIGKILL');
  await program?.ended;
  program = undefined;
  scratch.remove();
});

const rule = (source: string, condition: string, output: string): string =>
  `- {rule: Seen, desc: d, source: ${source}, condition: '${condition}', output: "${output}", priority: INFO}\n`;

test('the plugin of the guide', async () => {
  const guide = readFileSync(join(root, 'docs/guides/writing-plugins.md'), 'utf8');
  const [, code = ''] = /^```ts\n(.*?)^```/ms.exec(guide) ?? [];
  expect(code.split('\n').length).toBeLessThanOrEqual(50);
  const log = scratch.write(
    'doors.jsonl',
    `${['cellar', 'attic']
      .map((door) => JSON.stringify({ door, badge: { owner: 'alice' }, at: '2026-11-25T10:00:00Z' }))
      .join('\n')}\nno JSON\n`,
  );
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins: [{name: door-log, library_path: ${scratch.write('door-log.ts', code)}, open_params: ${log}}]
rules_files: [${scratch.write('rules.yaml', rule('doors', 'door.name = cellar and json.value[/badge/owner] exists', '%door.owner opened %door.name (%evt.pluginname)'))}]
`,
  );
  const ended = await run('falco', ['-U', '-c', config]);
  expect(ended.out.split('\n')[0]).toBe('10:00:00.000000000: Informational alice opened cellar (door-log)');
  expect(ended.err).toContain('doors: 1 lines are no JSON');
  expect([ended.status, bugIn(ended)]).toEqual([0, '']);
});

test('a source that breaks down is started again, and no other notices', async () => {
  const broken = scratch.write(
    'broken.mjs',
    `import { appendFileSync, readFileSync } from 'node:fs';
export const plugin = {
  name: 'broken', version: '1', source: 'broken', doc: 'Breaks down once.',
  async *open({ openParams }) {
    appendFileSync(openParams, 'x');
    const isFirst = readFileSync(openParams, 'utf8').length === 1;
    yield { events: [{ object: { first: isFirst } }] };
    if (isFirst) throw new Error('out of order');
    await new Promise(() => setInterval(() => {}, 1000));
  },
};
`,
  );
  const socket = scratch.path('events.sock');
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins:
  - {name: broken, library_path: ${broken}, open_params: ${scratch.write('count', '')}}
  - {name: json, open_params: "unix://${socket}"}
rules_files: [${scratch.write('rules.yaml', rule('broken', 'json.value[/first] exists', 'first=%json.value[/first]') + rule('json', 'json.value[/n] exists', 'n=%json.value[/n]').replace('Seen', 'Other'))}]
`,
  );
  program = start('falco', ['-U', '-c', config], {});
  const client = await connectedTo(socket);
  client.write('{"n":1}\n');
  await until(
    'it is read again',
    () => /the source `broken` is read again/.test(program?.err() ?? ''),
    90_000,
  );
  client.write('{"n":2}\n');
  await until(
    'both go on',
    () => ['n=2', 'first=false'].every((text) => program?.out().includes(text)),
    60_000,
  );
  client.destroy();
  expect(program.err()).toContain('the source `broken` broke down: out of order; it is tried again in 1 s');
  expect(
    program
      .out()
      .match(/(n|first)=\w+/g)
      ?.toSorted(),
  ).toEqual(['first=false', 'first=true', 'n=1', 'n=2']);
});

async function connectedTo(path: string): Promise<Socket> {
  await until('it reads', () => /reading `json`/.test(program?.err() ?? ''), 90_000);
  return connect(path);
}

test.each([
  ['export const plugin = 7;', 'it has no export called `plugin`'],
  [
    'export const plugin = {name: "x", version: "1", source: "x", doc: "x"};',
    'its `plugin.open` is no function',
  ],
  ['throw new Error("broken");', 'broken'],
])('a module that is no plugin: %s', async (code, why) => {
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}\nplugins: [{name: x, library_path: ${scratch.write('x.mjs', code)}}]\n`,
  );
  const ended = await run('falco', ['-c', config]);
  expect([ended.status, ended.err]).toEqual([1, expect.stringContaining(why)]);
});

test('lines of JSON on a Unix socket, with a time of their own', async () => {
  const socket = scratch.path('events.sock');
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins: [{name: json, open_params: "unix://${socket}", init_config: {time_pointer: /at}}]
rules_files: [${scratch.write('rules.yaml', rule('json', 'json.value[/type] = login', '%json.value[/user/name] %json.value[/list]'))}]
`,
  );
  program = start('falco', ['-U', '-c', config], {});
  await until('it reads', () => /reading `json`/.test(program?.err() ?? ''), 60_000);
  const client = connect(socket);
  client.end(
    `${JSON.stringify({ type: 'login', at: 1_795_600_800, user: { name: 'alice' }, list: [1, 2] })}\n{"type":"other"}\nnonsense\n`,
  );
  await until('the alert is there', () => (program?.out() ?? '').includes('alice'), 20_000);
  expect(program.out()).toBe('10:00:00.000000000: Informational alice [1,2]\n');
});

test.each(['a pipe', 'a file', 'nothing'])('lines of JSON on standard input: %s', async (kind) => {
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins: [{name: json, open_params: stdin}]
rules_files: [${scratch.write('rules.yaml', rule('json', 'json.value[/n] exists', 'n=%json.value[/n].'))}]
`,
  );
  const lines = Array.from({ length: 3_000 }, (_, n) => `{"n":${n}}\n`).join('');
  const input = {
    'a pipe': `cat ${scratch.write('in.jsonl', lines)} |`,
    'a file': `< ${scratch.path('in.jsonl')}`,
    nothing: '< /dev/null',
  }[kind];
  const [before, after] = input?.startsWith('<') ? ['', input] : [input, ''];
  const ended = await run('/bin/sh', ['-c', `${before} ${root}/bin/falco -U -c ${config} ${after}`]);
  expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  expect(ended.out.match(/n=\d+\./g)?.length ?? 0).toBe(kind === 'nothing' ? 0 : 3_000);
});

test('a program that waits for standard input ends when it is told to', async () => {
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins: [{name: json, open_params: stdin}]
rules_files: [${scratch.write('rules.yaml', rule('json', 'json.value[/n] exists', 'n=%json.value[/n].'))}]
`,
  );
  const child = spawn(join(root, 'bin/falco'), ['-U', '-c', config], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    let out = '';
    child.stdout.on('data', (piece) => {
      out += piece;
    });
    child.stdin.write('{"n":1}\n');
    await until('the alert', () => out.includes('n=1.'), 60_000);
    child.stdin.write('{"n":2}\n{"n":');
    await until('the next', () => out.includes('n=2.'), 60_000);
    child.kill('SIGTERM');
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect([status, out]).toEqual([0, expect.stringContaining('Events detected: 2\n')]);
  } finally {
    child.kill('SIGKILL');
  }
});
