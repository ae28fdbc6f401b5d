/** The audit log of Kubernetes as a user sees it: a web server that takes it, and files of it; no kernel is needed. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bugIn, type Running, root, run, Scratch, start, until } from './program.ts';

const tls = (name: string): string => join(root, 'corpora/tls', name);

const execEvent = (more: object = {}): object => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  auditID: 'a-1',
  stage: 'ResponseStarted',
  requestURI: '/api/v1/namespaces/cloudpirate/pods/web-0/exec?command=bash&command=-il&stdin=true&tty=true',
  verb: 'create',
  user: { username: 'kubecfg', groups: ['system:masters'] },
  objectRef: { resource: 'pods', namespace: 'cloudpirate', name: 'web-0', subresource: 'exec' },
  responseStatus: { code: 101 },
  stageTimestamp: '2026-11-25T11:15:41.171Z',
  ...more,
});
const execAlert =
  '11:15:41.171000000: Notice Attach/Exec to pod (user=kubecfg pod=web-0 resource=pods ns=cloudpirate action=exec command=bash)\n';

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

async function startAudit(
  more = '',
  openParams = 'http://127.0.0.1:0/k8s-audit',
  settings = 'useAsync: true',
  authority = tls('authority.crt'),
): Promise<string> {
  const config = scratch.write(
    'falco.yaml',
    `
engine: {kind: nodriver}
stdout_output: {enabled: true}
plugins:
  - name: k8saudit
    library_path: libk8saudit.so
    init_config: {sslCertificate: ${scratch.path('server.pem')}, client_authority: "${authority}", ${settings}}
    open_params: ${openParams}
  - {name: json, library_path: libjson.so}
${more}
`,
  );
  program = start('falco', ['-U', '-c', config], {});
  await until('it reads events', () => /reading `k8s_audit`/.test(program?.err() ?? ''), 150_000);
  return /reading `k8s_audit` events: (\S+)/.exec(program.err())?.[1] ?? '';
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('the web server', () => {
  test('a check sends an event through it, and says so when it is not there', async () => {
    const url = await startAudit();
    const check = (address: string) =>
      run('peregrine', [
        ...['sources', 'check', '-c', scratch.path('falco.yaml')],
        ...['-o', `plugins[0].open_params=${address}`],
      ]);
    const good = await check(url);
    expect([good.status, good.out]).toEqual([
      0,
      `k8s_audit (k8saudit)\n  ok       ${url} took an event, and has run the rules on it\n`,
    ]);
    const bad = await check('http://127.0.0.1:1/k8s-audit');
    expect([bad.status, bad.out]).toEqual([1, expect.stringContaining('cannot be reached')]);
    expect(program?.out()).toBe('');
  });

  test('an exec into a pod gives an alert before the answer, and counts at the end', async () => {
    const url = await startAudit();
    const response = await post(url, {
      kind: 'EventList',
      items: [execEvent(), execEvent({ verb: 'delete' })],
    });
    expect([response.status, program?.out()]).toEqual([200, execAlert]);
    program?.child.kill('SIGTERM');
    const ended = await program?.ended;
    expect(ended?.status).toBe(0);
    expect(ended?.out).toContain('Events detected: 1\n');
    expect(ended === undefined ? '' : bugIn(ended)).toBe('');
  });

  test('TLS with client certificates', async () => {
    scratch.write(
      'server.pem',
      readFileSync(tls('server.crt'), 'utf8') + readFileSync(tls('server.key'), 'utf8'),
    );
    const url = await startAudit('', 'https://127.0.0.1:0/k8s-audit');
    const send = (identity: object) =>
      new Promise((resolve) => {
        const request = httpsRequest(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          ca: readFileSync(tls('authority.crt')),
          servername: 'localhost',
          checkServerIdentity: () => undefined,
          ...identity,
        });
        request.on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', () => resolve('refused'));
        request.end(JSON.stringify(execEvent()));
      });
    const identity = { cert: readFileSync(tls('client.crt')), key: readFileSync(tls('client.key')) };
    expect([await send({}), await send(identity)]).toEqual(['refused', 200]);
  });

  test('a check knows the token and the certificate, and says when a client certificate is asked for', async () => {
    const pem = scratch.write(
      'server.pem',
      readFileSync(tls('server.crt'), 'utf8') + readFileSync(tls('server.key'), 'utf8'),
    );
    const check = async (url: string, authority: string) => {
      const config = scratch.write(
        'check.yaml',
        `engine: {kind: nodriver}
plugins: [{name: k8saudit, open_params: "${url}", init_config: {sslCertificate: ${pem}, bearer_token: hunter2, client_authority: "${authority}"}}]
`,
      );
      return (await run('peregrine', ['sources', 'check', '-c', config])).out;
    };
    const url = await startAudit('', 'https://127.0.0.1:0/k8s-audit', 'bearer_token: hunter2', '');
    expect(await check(url, '')).toContain(`ok       ${url} took an event`);
    program?.child.kill('SIGKILL');
    await program?.ended;
    const closed = await startAudit('', 'https://127.0.0.1:0/k8s-audit', 'bearer_token: hunter2');
    expect(await check(closed, tls('authority.crt'))).toContain('asks for a client certificate');
    writeFileSync(pem, readFileSync(tls('client.crt'), 'utf8') + readFileSync(tls('client.key'), 'utf8'));
    expect(await check(closed, '')).toContain('it shows another certificate than that of');
  });

  test('metrics tell what came, what was left out, and what was turned away', async () => {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const url = await startAudit(
      `metrics: {enabled: true}\nwebserver: {enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true}`,
    );
    await post(url, execEvent());
    await post(url, { kind: 'Pod' });
    await until('the web server is there', () => /web server/.test(program?.err() ?? ''));
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(page).toContain('peregrine_source_events_total{source="k8s_audit"} 1\n');
    expect(page).toContain(
      'peregrine_source_rejected_events_total{source="k8s_audit",reason="not_an_event"} 1\n',
    );
    expect(page).toContain(
      'peregrine_source_refused_requests_total{source="k8s_audit",reason="bad_body"} 1\n',
    );
    expect(page).toMatch(
      /falcosecurity_falco_rules_matches_total\{.*rule_name="Attach\/Exec Pod",source="k8s_audit".*\} 1\n/,
    );
  });

  test('a reload brings new rules, and keeps the server', async () => {
    const rules = scratch.write('rules.yaml', ruleOf('first'));
    const url = await startAudit(`rules_files: [${rules}]`);
    await post(url, execEvent());
    scratch.write('rules.yaml', ruleOf('second'));
    program?.child.kill('SIGHUP');
    await until(
      'it is in use',
      () => /the new configuration and rules are in use/.test(program?.err() ?? ''),
      30_000,
    );
    await post(url, execEvent());
    expect(program?.out().match(/(first|second) kubecfg/g)).toEqual(['first kubecfg', 'second kubecfg']);
  });
});

const ROOM_BYTES = 60_000;

test('more than it can take is turned away, within bounds, and nothing that it acknowledged is lost when it is killed', async () => {
  const file = scratch.path('alerts.log');
  const rules = scratch.write('rules.yaml', ruleOf('seen').replace('%ka.user.name', '%ka.auditid;'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const url = await startAudit(
    `rules_files: [${rules}]
file_output: {enabled: true, filename: ${file}, keep_alive: true}
metrics: {enabled: true}
webserver: {enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true}`,
    'http://127.0.0.1:0/k8s-audit',
    `max_waiting_bytes: ${ROOM_BYTES}`,
  );
  const acknowledged: string[] = [];
  const statuses = new Map<number, number>();
  const retryAfters = new Set<string | null>();
  let isOver = false;
  const sender = async (name: number): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      const ids = Array.from({ length: 50 }, (_, n) => `${name}-${i}-${n}`);
      const items = ids.map((auditID) => execEvent({ auditID, padding: 'x'.repeat(400) }));
      const response = await post(url, { kind: 'EventList', items }).catch(() => undefined);
      const status = response?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) acknowledged.push(...ids);
      if (status === 429) retryAfters.add(response?.headers.get('retry-after') ?? null);
    }
  };
  const senders = Array.from({ length: 8 }, (_, name) => sender(name));
  const waiting: number[] = [];
  const look = async (): Promise<void> => {
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    waiting.push(Number(/^peregrine_source_waiting_bytes\{[^}]*\} (\d+)$/m.exec(page)?.[1]));
    expect(page).toMatch(/^peregrine_source_refused_requests_total\{[^}]*reason="queue_full"\} \d+$/m);
  };
  await until(
    'some are taken and some turned away',
    () => acknowledged.length > 2_000 && statuses.has(429),
    60_000,
  );
  for (let i = 0; i < 20; i++) await look();
  program?.child.kill('SIGKILL');
  await program?.ended;
  isOver = true;
  await Promise.all(senders);
  const written = new Set(readFileSync(file, 'utf8').match(/(?<=seen )[^;]+/g));
  expect(acknowledged.filter((id) => !written.has(id))).toEqual([]);
  expect([...statuses.keys()].sort()).toEqual([0, 200, 429]);
  expect([...retryAfters]).toEqual(['1']);
  // Something waits most of the time, and never more than there is room for.
  expect(Math.max(...waiting)).toBeGreaterThan(0);
  expect(Math.max(...waiting)).toBeLessThanOrEqual(ROOM_BYTES);
}, 300_000);

function ruleOf(word: string): string {
  return `- {rule: Any, desc: d, condition: ka.verb exists, output: "${word} %ka.user.name", priority: INFO, source: k8s_audit}\n`;
}

test('files are replayed with the rules that come along', async () => {
  const path = scratch.write(
    'audit.log',
    `${JSON.stringify(execEvent())}\n${JSON.stringify(execEvent({ verb: 'list', user: { username: 'admin' } }))}\n`,
  );
  const plain = await run('peregrine', ['replay', path]);
  expect([plain.status, plain.out]).toEqual([0, execAlert]);
  const piped = execFileSync(join(root, 'bin/peregrine'), ['replay', '-', '--source', 'k8s_audit'], {
    input: readFileSync(path),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  expect(piped).toBe(execAlert);
});

test.each([
  ['GKE', 'gke.jsonl', 'alice@example.org', '<NA>'],
  ['AKS', 'aks.json', 'alice@example.org', 'sh'],
])('events as %s delivers them', async (_, file, user, command) => {
  const replayed = await run('peregrine', ['replay', join(root, 'corpora/k8s-audit', file)]);
  expect([replayed.status, bugIn(replayed)]).toEqual([0, '']);
  expect(replayed.out).toContain(
    `Attach/Exec to pod (user=${user} pod=web-0 resource=pods ns=shop action=exec command=${command})`,
  );
  expect(replayed.out).toMatch(
    /Warning Pod started using host network .* ns=shop images=\(registry\.example:5000\/agent:1\)/,
  );
});

test('a library for the reference is not loaded, and a line says so', async () => {
  const config = scratch.write(
    'falco.yaml',
    'plugins: [{name: okta, library_path: libokta.so}]\nengine: {kind: nodriver}\n',
  );
  const ended = await run('falco', ['-c', config, '-r', scratch.write('rules.yaml', ruleOf('x'))]);
  expect(ended.status).toBe(1);
  expect(ended.err).toContain('plugin `okta` is not loaded: `libokta.so` is a library for the reference');
  expect(ended.err).toContain('no source of events is left');
});
