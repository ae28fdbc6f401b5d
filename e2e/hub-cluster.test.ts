/** The hub beside a cluster: an alert of a tutorial on Falco and Kubeless calls the function, is reported, stored and traced. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Certificates,
  certificateObstacle,
  createCertificates,
} from '../packages/outputs/testing/certificates.ts';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { type KubeServer, startKubeServer } from '../packages/outputs/testing/kube-server.ts';
import { type Collector, startCollector } from '../packages/outputs/testing/otlp-collector.ts';
import { bugIn, type Running, run, Scratch, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;

const alert =
  '{"output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root k8s.ns=default k8s.pod=alpine)","priority":"Notice","rule":"Terminal shell in container","time":"2021-01-14T23:39:44.834631763Z","output_fields":{"container.id":"6ad4dc3a8b2f","container.image.repository":null,"evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.tty":34816}}';

const obstacle = certificateObstacle();
const title = obstacle === undefined ? '' : ` (skipped: ${obstacle})`;

let scratch: Scratch;
let certificates: Certificates;
let kube: KubeServer;
let store: HttpReceiver;
let collector: Collector;
let running: Running | undefined;
beforeEach(async () => {
  scratch = new Scratch();
  certificates = createCertificates();
  kube = await startKubeServer(certificates);
  store = await openHttpReceiver();
  collector = await startCollector();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  for (const server of [kube, store, collector]) await server.close();
  certificates.remove();
  scratch.remove();
});

test.skipIf(obstacle !== undefined)(
  `an alert goes to a cluster, a store and a collector${title}`,
  {
    timeout: 3 * LIMIT_MS,
  },
  async () => {
    const kubeconfig = scratch.write(
      'kubeconfig',
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [
          { name: 'c', cluster: { server: kube.url, 'certificate-authority': certificates.authority } },
        ],
        users: [
          {
            name: 'u',
            user: { 'client-certificate': certificates.client.cert, 'client-key': certificates.client.key },
          },
        ],
      }),
    );
    const config = scratch.write(
      'config.yaml',
      `
listenaddress: 127.0.0.1
listenport: 0
journal: { path: ${scratch.path('state')} }
kubeless: { namespace: kubeless, function: delete-pod, kubeconfig: ${kubeconfig} }
policyreport: { enabled: true, kubeconfig: ${kubeconfig} }
elasticsearch: { hostport: ${store.origin} }
otlp:
  logs: { endpoint: "http://${collector.grpcTarget}", protocol: grpc }
`,
    );
    const isWrong = (): string => bugIn({ status: 0, out: '', err: running?.err() ?? '' });
    store.answer({ status: 200, body: '{"errors":false}' });
    running = start('peregrine', ['hub', '-c', config], {
      environment: { ELASTICSEARCH_BATCHING_ENABLED: 'true', ELASTICSEARCH_BATCHING_FLUSHINTERVAL: '10ms' },
    });
    const { err } = running;
    await until('listening', () => err().includes('is up and listening on'), LIMIT_MS);
    const port = /listening on \S*:(\d+)/.exec(err())?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: alert });
    expect(answer.status).toBe(200);
    await until('the function was called', () => err().includes('Call Function "delete-pod" OK'), LIMIT_MS);
    await until(
      'all have it',
      () => kube.objects.size > 0 && store.requests.length > 0 && collector.collected.length > 0,
      LIMIT_MS,
    );

    expect(err()).toMatch(/\[INFO\] {2}: Enabled Outputs: \[[^\]]*\bKubeless\b[^\]]*\]/);
    const lines = err()
      .split('\n')
      .filter((line) => line.includes('Kubeless - '))
      .map((line) => line.replace(/^\S+ \S+ /, ''));
    expect(lines).toEqual(
      expect.arrayContaining([
        '[INFO]  : Kubeless - POST OK (200)',
        '[INFO]  : Kubeless - Function Response : ',
        '[INFO]  : Kubeless - Call Function "delete-pod" OK',
      ]),
    );

    const call = kube.requests.find(({ path }) => path.includes('/proxy/'));
    expect(call).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/kubeless/services/delete-pod:8080/proxy/',
      certificate: 'client',
      headers: { 'content-type': 'application/json', 'event-type': 'falco', 'event-namespace': 'kubeless' },
    });
    expect(call?.headers['event-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(call?.body).toContain('"evt.time":1610667584834631763');
    expect(call?.body).toContain('"container.image.repository":null');
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      rule: 'Terminal shell in container',
      output_fields: { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine' },
    });
    expect([...kube.objects.values()]).toMatchObject([
      {
        kind: 'PolicyReport',
        results: [{ rule: 'Terminal shell in container', resources: [{ name: 'alpine' }] }],
      },
    ]);
    expect(store.requests[0]?.path).toMatch(/^\/_bulk/);
    expect(store.requests[0]?.body).toContain('"rule":"Terminal shell in container"');
    expect(JSON.stringify(collector.collected)).toContain('1610667584834631763');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([isWrong(), ended.status]).toEqual(['', 0]);
  },
);

test.skipIf(obstacle !== undefined)(
  `a function is tried before anybody relies on it${title}`,
  {
    timeout: 2 * LIMIT_MS,
  },
  async () => {
    const config = scratch.write(
      'config.yaml',
      `kubeless: { namespace: kubeless, function: delete-pod, kubeconfig: ${join(scratch.folder, 'absent')} }\n`,
    );
    const absent = await run('peregrine', ['outputs', 'test', 'kubeless', '-c', config]);
    expect([absent.status, absent.err]).toEqual([1, expect.stringContaining('cannot read kubeconfig')]);
    expect(bugIn(absent)).toBe('');
  },
);
