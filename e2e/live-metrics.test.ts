/** The web server and the snapshots of metrics of the running program. Watches a cgroup of its own. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live metrics' : `live metrics (skipped: ${obstacle})`;

const rules = `
- rule: Made
  desc: A folder was made.
  condition: evt.type in (mkdir, mkdirat)
  output: made
  priority: NOTICE
  tags: [filesystem]
`;

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Samples by name and labels. */
function parseSamples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let program: Running;
  let url: string;

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const config = scratch.write(
      'falco.yaml',
      `
stdout_output: { enabled: true }
json_output: true
webserver: { enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true, k8s_healthz_endpoint: /ready }
metrics: { enabled: true, interval: 500ms, output_rule: true, output_file: ${scratch.path('metrics.jsonl')} }
`,
    );
    program = start('falco', [
      ...['-U', '-c', config, '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
    ]);
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    const child = cgroup.spawn(`mkdir ${scratch.path('made')}; true`);
    await new Promise((resolve) => child.once('close', resolve));
    await until('the alert came', () => program.out().includes('"Made"'));
  }, 120_000);

  afterAll(async () => {
    program?.child.kill('SIGINT');
    const ended = await program?.ended;
    await cgroup?.remove();
    scratch.remove();
    expect(ended === undefined ? '' : bugIn(ended)).toBe('');
    expect(ended?.status).toBe(0);
  });

  test('health and versions', async () => {
    expect(await (await fetch(`${url}/ready`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${url}/healthz`)).status).toBe(404);
    expect(await (await fetch(`${url}/versions`)).json()).toMatchObject({
      engine_version_semver: '0.63.0',
      plugin_versions: {},
    });
  });

  test('metrics: the reference’s and ours, of the same events', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    const samples = parseSamples(await response.text());
    const matches =
      'falcosecurity_falco_rules_matches_total{priority="5",rule_name="Made",source="syscall",tag_filesystem="true"}';
    expect(samples.get(matches)).toBe(1);
    expect(samples.get('falcosecurity_scap_n_evts_total')).toBeGreaterThan(10);
    expect(samples.get('falcosecurity_scap_n_drops_total')).toBe(0);
    expect(samples.get('peregrine_probe_events_total{result="emitted"}')).toBe(
      samples.get('falcosecurity_scap_n_evts_total'),
    );
    expect(samples.get('falcosecurity_falco_memory_rss_bytes')).toBeGreaterThan(10_000_000);
    expect(samples.get('falcosecurity_scap_n_threads_total')).toBeGreaterThan(0);
    expect(
      [...samples.keys()].some((name) =>
        name.startsWith('falcosecurity_falco_sha256_rules_files_info{file_name="rules.yaml"'),
      ),
    ).toBe(true);
    expect(
      [...samples.keys()].some((name) =>
        name.startsWith('falcosecurity_falco_sha256_config_files_info{file_name="falco.yaml"'),
      ),
    ).toBe(true);
  });

  test('snapshots, as alerts and in a file', async () => {
    await until('two snapshots came', () => (program.out().match(/metrics snapshot"/g) ?? []).length >= 4);
    const alert = program
      .out()
      .split('\n')
      .filter((line) => line.includes('internal: metrics snapshot'))
      .map((line) => JSON.parse(line))
      .at(-1);
    expect(alert).toMatchObject({
      rule: 'Falco internal: metrics snapshot',
      output: 'Falco metrics snapshot',
      priority: 'Informational',
      source: 'internal',
      hostname: 'tester',
    });
    expect(alert.output_fields).toMatchObject({
      'evt.hostname': 'tester',
      'falco.rules.Made': 1,
      'scap.engine_name': 'modern_bpf',
    });
    const lines = readFileSync(scratch.path('metrics.jsonl'), 'utf8').trim().split('\n');
    const samples = lines.map((line) => JSON.parse(line));
    expect(samples.map(({ sample }) => sample)).toEqual(samples.map((_, index) => index + 1));
    expect(samples.at(-1).output_fields['evt.source']).toBe('syscall');
  });
});

describe.skipIf(obstacle !== undefined)(`${title}: refusals`, () => {
  test('an address that is taken ends the program with a clear message', async () => {
    const scratch = new Scratch();
    const cgroup = createLiveCgroup();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const { status, err } = await start('peregrine', [
      ...['up', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
      ...['-o', 'webserver.enabled=true', '-o', `webserver.listen_port=${port}`],
    ]).ended;
    server.close();
    await cgroup.remove();
    scratch.remove();
    expect(status).toBe(1);
    expect(err).toContain(`cannot listen on 127.0.0.1 port ${port}`);
    expect(err).toContain('another program listens there');
  }, 60_000);
});
