/**
 * Sources that do not behave: one hangs, one never gives an event, one floods. The others, the kernel's events
 * among them, are read as if those were not there.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

let scratch: Scratch;
let program: Running | undefined;
let flood: Socket | undefined;

beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  flood?.destroy();
  program?.child.kill('SIGKILL');
  await program?.ended;
  program = undefined;
  scratch.remove();
});

const plugin = (name: string, body: string): string =>
  `export const plugin = {name: '${name}', version: '1.0.0', source: '${name}', doc: 'd', async *open() {${body}}};`;

const rule = (source: string, condition: string, output: string): string =>
  `- {rule: Rule for ${source}, desc: d, source: ${source}, condition: "${condition}", output: "${output}", priority: INFO}\n`;

/** One stops its thread after the first event and never comes back; one waits for ever; one gives events without end. */
const bodies = {
  stuck: 'yield {events: [{object: {}}]}; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
  silent: 'await new Promise(() => setInterval(() => {}, 1000));',
  endless: 'for (;;) yield {events: [{object: {n: 1}}, {object: {n: 2}}]};',
};

/** Beside those that misbehave there is an honest one: the audit log over HTTP. */
async function startWith(
  engine: string,
  misbehaving: readonly ('stuck' | 'silent' | 'endless')[],
  given: readonly string[],
): Promise<{ readonly metricsUrl: string; readonly auditUrl: string }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const plugins = misbehaving.map((name) => {
    const path = scratch.write(`${name}.mjs`, plugin(name, bodies[name]));
    return `  - {name: ${name}, library_path: ${path}}\n`;
  });
  const rules = scratch.write(
    'rules.yaml',
    rule(
      'syscall',
      'evt.type in (execve, execveat) and evt.arg.res = 0 and proc.args contains mark',
      'ran %proc.args.',
    ) +
      rule('k8s_audit', 'ka.verb exists', 'asked %ka.auditid.') +
      rule('json', 'json.value[/n] exists', 'flood %json.value[/n].') +
      (misbehaving.includes('endless') ? rule('endless', 'json.value[/n] = 3', 'never') : ''),
  );
  const config = scratch.write(
    'falco.yaml',
    `engine: {kind: ${engine}}
stdout_output: {enabled: true}
rules_files: [${rules}]
metrics: {enabled: true, kernel_event_counters_enabled: true, include_empty_values: true}
webserver: {enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true}
plugins:
${plugins.join('')}  - {name: json, open_params: "unix://${scratch.path('flood.sock')}"}
  - {name: k8saudit, open_params: "http://127.0.0.1:0/k8s-audit"}
`,
  );
  const started = start('falco', ['-U', '-c', config, ...given]);
  program = started;
  const isReady = (): boolean => /watching|reading only|web server/.test(started.err());
  await until('it is ready', () => isReady() || started.child.exitCode !== null, 120_000);
  expect(started.child.exitCode, started.err()).toBe(null);
  await until('the audit log is read', () => /reading `k8s_audit`/.test(started.err()), 60_000);
  return {
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    auditUrl: /reading `k8s_audit` events: (\S+)/.exec(started.err())?.[1] ?? '',
  };
}

/** Lines without end, as fast as they are taken. */
function startFlood(): void {
  const socket = connect(scratch.path('flood.sock'));
  socket.on('error', () => {});
  const lines = Array.from({ length: 1_000 }, (_, n) => `{"n":${n}}\n`).join('');
  const pour = (): void => {
    while (!socket.destroyed && socket.write(lines));
  };
  socket.on('drain', pour);
  pour();
  flood = socket;
}

const ask = async (url: string, auditID: string): Promise<number> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'Event', auditID, verb: 'get', stageTimestamp: new Date().toISOString() }),
  });
  return response.status;
};

async function measuredSources(
  url: string,
): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const page = await (await fetch(url)).text();
  const found: Record<string, Record<string, number>> = {};
  for (const [, name = '', source = '', value] of page.matchAll(
    /^peregrine_source_(\w+)\{source="(\w+)"\} (\S+)$/gm,
  )) {
    found[source] ??= {};
    found[source][name] = Number(value);
  }
  return found;
}

test('the audit log is read on, and the page of metrics says who hangs', async () => {
  const { auditUrl, metricsUrl } = await startWith('nodriver', ['stuck', 'silent', 'endless'], []);
  startFlood();
  await until('the flood is there', () => /flood 999\./.test(program?.out() ?? ''), 60_000);
  for (let i = 0; i < 20; i++) expect(await ask(auditUrl, `a${i}`)).toBe(200);
  expect(program?.out().match(/asked a\d+\./g)?.length).toBe(20);
  await vi.waitFor(
    async () => {
      const sources = await measuredSources(metricsUrl);
      expect(sources).toMatchObject({
        k8s_audit: { up: 1, events_total: 20 },
        silent: { up: 1, events_total: 0 },
        endless: { up: 1 },
        json: { up: 1 },
        stuck: { up: 0 },
      });
      // What floods is held up at its source: what waits here has a limit.
      expect(sources.json?.waiting_bytes).toBeLessThan(67_108_864 + 131_072);
      expect(sources.endless?.events_total).toBeGreaterThan(0);
    },
    { timeout: 60_000 },
  );
  flood?.destroy();
  program?.child.kill('SIGTERM');
  const ended = await program?.ended;
  expect([ended?.status, ended && bugIn(ended)]).toEqual([0, '']);
});

const obstacle = liveObstacle();
describe.skipIf(obstacle !== undefined)(
  obstacle === undefined ? 'beside the kernel' : `beside the kernel (skipped: ${obstacle})`,
  () => {
    let cgroup: LiveCgroup;
    beforeEach(() => {
      cgroup = createLiveCgroup();
    });
    afterEach(() => cgroup.remove());

    test('no event of the kernel is lost, and its alerts come while the flood goes on', async () => {
      const { auditUrl, metricsUrl } = await startWith(
        'modern_ebpf',
        ['silent'],
        ['--scope', `cgroup:${cgroup.path}`],
      );
      startFlood();
      await until('the flood is there', () => /flood 999\./.test(program?.out() ?? ''), 60_000);
      const marks = Array.from({ length: 200 }, (_, n) => `mark-${n}`);
      cgroup.spawn(marks.map((mark) => `/bin/echo ${mark}`).join('; '));
      await until(
        'all alerts are there',
        () => marks.every((mark) => program?.out().includes(`ran ${mark}.`)),
        60_000,
      );
      expect(flood?.destroyed).toBe(false);
      expect(await ask(auditUrl, 'a1')).toBe(200);
      const page = await (await fetch(metricsUrl)).text();
      expect(page).toMatch(/^falcosecurity_scap_n_evts_total(\{[^}]*\})? [1-9]\d*$/m);
      expect(page).toMatch(/^falcosecurity_scap_n_drops_total(\{[^}]*\})? 0$/m);
      expect(page).toMatch(/^falcosecurity_falco_outputs_queue_num_drops_total(\{[^}]*\})? 0$/m);
      // Where there is too little time for all, threads of sources are the ones that wait.
      const tasks = `/proc/${program?.child.pid}/task`;
      const nice = readdirSync(tasks).map((tid) => {
        const stat = readFileSync(`${tasks}/${tid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      });
      expect(nice.filter((value) => value === 5).length).toBeGreaterThanOrEqual(3);
      expect(nice).toContain(0);
    });
  },
);
