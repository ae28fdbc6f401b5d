/** Outputs that go to a cluster: through its network, and through its API with what a kubeconfig file says. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubAlert } from '@peregrine/alert';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Certificates, createCertificates } from '../../testing/certificates.ts';
import { type KubeServer, startKubeServer } from '../../testing/kube-server.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput } from '../../testing/sink-exchange.ts';
import type { AnyHttpSink, Sink } from '../sink.ts';
import { fission } from './fission.ts';
import { kubeless } from './kubeless.ts';
import { openfaas } from './openfaas.ts';
import { inClusterAccess } from './parts/kube/in-cluster.ts';
import { loadKubeconfig } from './parts/kube/kubeconfig.ts';
import { joinResults, namespaceOf, reportWith, resultOf } from './parts/policy-report.ts';
import { policyreport } from './policyreport.ts';

let certificates: Certificates;
let kube: KubeServer;
const opened: OpenOutput[] = [];
beforeAll(() => {
  certificates = createCertificates();
});
beforeEach(async () => {
  await kube?.close();
  kube = await startKubeServer(certificates);
});
afterAll(async () => {
  for (const output of opened) await output.close();
  await kube.close();
  certificates.remove();
});

/** A kubeconfig file in the folder of the certificates. */
function kubeconfig(user: object, cluster: object = { 'certificate-authority': 'ca.crt' }): string {
  const file = join(certificates.folder, 'kubeconfig');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'falco' } }],
    clusters: [{ name: 'c', cluster: { server: kube.url, ...cluster } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function script(name: string, text: string): string {
  const file = join(certificates.folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

function open(sink: Sink, written: Written): OpenOutput {
  const output = openOutput(settingsOf(sink, written), {
    environment: { PATH: process.env.PATH, HOME: certificates.folder },
  });
  opened.push(output);
  return output;
}

const shell = sampleAlert('shell');

describe('functions through the API', () => {
  test.each([
    [kubeless, {}, '/api/v1/namespaces/kubeless/services/delete-pod:8080/proxy/'],
    [openfaas, {}, '/api/v1/namespaces/openfaas/services/gateway:8080/proxy/function/delete-pod.openfaas-fn'],
    [fission, {}, '/api/v1/namespaces/fission/services/router:80/proxy//fission-function/delete-pod'],
  ])('$name', async (sink, written, path) => {
    kube.known.add('Bearer T');
    kube.service = () => ({ status: 200, type: 'text/plain', body: 'done\n' });
    const { outcome, notes } = await open(sink, {
      kubeconfig: kubeconfig({ token: 'T' }),
      ...written,
    }).deliver(shell);
    expect(outcome.kind).toBe('delivered');
    const [request] = kube.requests;
    expect(request).toMatchObject({ method: 'POST', path, body: shell.json });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers['event-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(notes).toEqual([
      'POST OK (200)',
      'Function Response : done',
      sink === openfaas ? 'Call Function "delete-pod.openfaas-fn" OK' : 'Call Function "delete-pod" OK',
    ]);
  });
});

describe('who we are', () => {
  const call = async (user: object, cluster?: object) =>
    (await open(kubeless, { kubeconfig: kubeconfig(user, cluster) }).deliver(shell)).outcome;

  test('a certificate in files, and in the kubeconfig file itself', async () => {
    const { client, authority } = certificates;
    const data = (file: string): string => readFileSync(file).toString('base64');
    expect(await call({ 'client-certificate': 'client.crt', 'client-key': 'client.key' })).toEqual({
      kind: 'delivered',
    });
    expect(
      await call(
        { 'client-certificate-data': data(client.cert), 'client-key-data': data(client.key) },
        { 'certificate-authority-data': data(authority) },
      ),
    ).toEqual({ kind: 'delivered' });
    expect(kube.requests.map(({ certificate }) => certificate)).toEqual(['client', 'client']);
  });

  test('files with a certificate, which change', async () => {
    const { client, server, folder } = certificates;
    const copy = (from: { readonly cert: string; readonly key: string }): void => {
      writeFileSync(join(folder, 'now.crt'), readFileSync(from.cert));
      writeFileSync(join(folder, 'now.key'), readFileSync(from.key));
    };
    copy(server);
    const user = { 'client-certificate': 'now.crt', 'client-key': 'now.key' };
    const output = open(kubeless, { kubeconfig: kubeconfig(user) });
    expect((await output.deliver(shell)).outcome.kind).toBe('retry');
    copy(client);
    expect((await output.deliver(shell)).outcome.kind).toBe('delivered');
    expect(kube.requests.at(-1)?.certificate).toBe('client');
  });

  test('a password, a token, and a user to act as', async () => {
    kube.known.add('Basic dTpw').add('Bearer T');
    expect(await call({ username: 'u', password: 'p' })).toEqual({ kind: 'delivered' });
    expect(await call({ token: 'T', as: 'somebody' })).toEqual({ kind: 'delivered' });
    expect(kube.requests[1]?.headers['impersonate-user']).toBe('somebody');
  });

  test('a file with a token, which changes', async () => {
    const tokenFile = join(certificates.folder, 'token');
    const output = open(kubeless, { kubeconfig: kubeconfig({ tokenFile: 'token' }) });
    kube.known.add('Bearer second');
    writeFileSync(tokenFile, 'first\n');
    expect((await output.deliver(shell)).outcome.kind).toBe('retry');
    writeFileSync(tokenFile, 'second\n');
    expect((await output.deliver(shell)).outcome.kind).toBe('delivered');
  });

  test('a program that gives a token is asked once, and again when the token is refused', async () => {
    const count = join(certificates.folder, 'runs');
    writeFileSync(count, '');
    script(
      'plugin',
      `echo run >> "${count}"; n=$(grep -c run "${count}")
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$GREETING" "$n"`,
    );
    const output = open(kubeless, {
      kubeconfig: kubeconfig({
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: './plugin',
          args: ['a'],
          env: [{ name: 'GREETING', value: 'b' }],
        },
      }),
    });
    kube.known.add('Bearer a-b-1');
    await output.deliver(shell);
    await output.deliver(shell);
    expect(kube.requests).toHaveLength(2);
    kube.known.clear();
    kube.known.add('Bearer a-b-2');
    expect((await output.deliver(shell)).outcome.kind).toBe('delivered');
    expect(kube.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer a-b-1',
      'Bearer a-b-1',
      'Bearer a-b-1',
      'Bearer a-b-2',
    ]);
  });

  test('a program that gives a certificate, and knows the cluster', async () => {
    const { client, folder } = certificates;
    const [clientCertificateData, clientKeyData] = [client.cert, client.key].map((file) =>
      readFileSync(file, 'utf8'),
    );
    const status = { clientCertificateData, clientKeyData };
    writeFileSync(join(folder, 'credential'), JSON.stringify({ kind: 'ExecCredential', status }));
    script('plugin', `printf '%s' "$KUBERNETES_EXEC_INFO" > info; cat credential`);
    const exec = { command: 'sh', args: ['-c', `cd ${folder} && ./plugin`], provideClusterInfo: true };
    expect(await call({ exec })).toEqual({ kind: 'delivered' });
    expect(kube.requests[0]?.certificate).toBe('client');
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: kube.url } },
    });
  });

  test('a program that fails says why, and alerts wait', async () => {
    script('plugin', 'echo no session >&2; exit 3');
    expect(await call({ exec: { command: './plugin' } })).toMatchObject({
      kind: 'retry',
      reason: '`./plugin` of the kubeconfig failed: no session',
    });
    script('plugin', 'echo nothing');
    expect(await call({ exec: { command: './plugin' } })).toMatchObject({
      reason: '`./plugin` of the kubeconfig gave no credential',
    });
  });

  test('the server is checked: by its authority, by another name, or not at all', async () => {
    const certificate = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    expect(await call(certificate, {})).toMatchObject({ kind: 'retry' });
    expect(
      await call(certificate, { 'certificate-authority': 'ca.crt', 'tls-server-name': 'other' }),
    ).toMatchObject({ kind: 'retry' });
    expect(kube.requests).toEqual([]);
    expect(
      await call(certificate, { 'certificate-authority': 'ca.crt', 'tls-server-name': 'localhost' }),
    ).toEqual({ kind: 'delivered' });
    expect(await call(certificate, { 'insecure-skip-tls-verify': true })).toEqual({ kind: 'delivered' });
  });

  test.each([
    ['no file', '/nowhere/kubeconfig', 'cannot read kubeconfig `/nowhere/kubeconfig`'],
    ['no YAML', ': [', 'is no YAML'],
    ['nothing in it', '{}', '`current-context` names no context'],
    [
      'an old plugin',
      { user: { 'auth-provider': {} }, cluster: {} },
      '`auth-provider` of a user is not supported',
    ],
    ['a proxy', { user: {}, cluster: { 'proxy-url': 'http://p' } }, '`proxy-url` is not supported'],
  ])('%s', async (_title, written, why) => {
    let file = join(certificates.folder, 'kubeconfig');
    if (typeof written !== 'string') file = kubeconfig(written.user, written.cluster);
    else if (written.startsWith('/')) file = written;
    else writeFileSync(file, written);
    await expect(loadKubeconfig(file, {})).rejects.toThrow(why);
  });

  test('`~` is the home folder', async () => {
    kubeconfig({ token: 'T' });
    const access = await loadKubeconfig('~/kubeconfig', { HOME: certificates.folder });
    expect(access).toMatchObject({ server: kube.url, namespace: 'falco' });
  });

  test('a service account, whose token changes', async () => {
    const folder = join(certificates.folder, 'account');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries({ 'ca.crt': 'PEM', namespace: 'falco\n', token: 'one\n' })) {
      writeFileSync(join(folder, name), text);
    }
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const access = await inClusterAccess(environment, folder);
    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'falco' });
    expect((await access.identity(false)).headers).toEqual({ authorization: 'Bearer one' });
    writeFileSync(join(folder, 'token'), 'two');
    expect((await access.identity(false)).headers).toEqual({ authorization: 'Bearer two' });
    await expect(inClusterAccess({}, folder)).rejects.toThrow('this is no pod of a cluster');
  });
});

describe('what a function answers', () => {
  const { classify, answerLines } = kubeless as AnyHttpSink; // It speaks HTTP.
  const { config } = settingsOf(kubeless);

  test.each([
    [200, '', undefined],
    [500, 'Internal Server Error', 'rejected'],
    [408, '', 'rejected'],
    [500, '{"kind":"Status","status":"Failure"}', undefined],
    [503, '', undefined],
  ])('status %i %s', (status, body, kind) => {
    expect(classify?.({ status, headers: {}, body }, shell, config)?.kind).toBe(kind);
  });

  test.each([
    ['', undefined, ''],
    ['{ "a": "b c",\n "n": 1610667584834631763 }', 'application/json', '{"a":"b c","n":1610667584834631763}'],
    ['{ "a": 1 }', 'application/json; charset=utf-8', '{ "a": 1 }'],
    ['{ "a" ', 'application/json', '{ "a"'],
    ['a\n2021/01/14 23:39:45 [INFO]  : forged', 'text/plain', 'a\\n2021/01/14 23:39:45 [INFO]  : forged'],
  ])('%j of %s', (body, type, shown) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect(answerLines?.({ status: 200, headers, body }, config)).toEqual([
      `Function Response : ${shown}`,
      'Call Function "delete-pod" OK',
    ]);
  });

  test.each([kubeless, openfaas, fission])('$name may take as long as functions may', (sink) => {
    expect(settingsOf(sink).common.timeout).toBe(180_000);
    expect(settingsOf(sink, { timeout: '5s' }).common.timeout).toBe(5_000);
  });

  test('names that are none are refused', () => {
    expect(() => settingsOf(kubeless, { function: 'a/b' })).toThrow('`kubeless.function` is no name');
    expect(() => settingsOf(openfaas, { gatewayservice: 'a.b' })).toThrow('`openfaas.gatewayservice`');
  });
});

describe('reports of policies', () => {
  const audit: HubAlert = {
    ...sampleAlert('whole'),
    source: 'k8s_audit',
    fields: {
      'ka.target.namespace': 'kube-system',
      'ka.target.resource': 'secrets',
      'ka.target.name': 'token',
    },
  };
  const group = '/apis/wgpolicyk8s.io/v1alpha2';
  const clusterReport = `${group}/clusterpolicyreports/falco-cluster-policy-report`;
  const reportIn = (namespace: string): string =>
    `${group}/namespaces/${namespace}/policyreports/falco-policy-report`;

  function reporter(written: Written = {}): OpenOutput {
    kube.known.add('Bearer T');
    return open(policyreport, { kubeconfig: kubeconfig({ token: 'T' }), ...written });
  }

  test('each namespace has a report, and the cluster one for the rest', async () => {
    kube.namespaces.add('kube-system');
    const nowhere = { ...sampleAlert('whole'), uuid: 'n', fields: { 'proc.name': 'sh', empty: null } };
    const other = { ...nowhere, uuid: 'o', source: 'okta' };
    const outcomes = await reporter().deliverAll([shell, audit, nowhere, other, sampleAlert('test')]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'delivered'));
    expect([...kube.objects.keys()]).toEqual([reportIn('default'), reportIn('kube-system'), clusterReport]);
    expect(kube.objects.get(reportIn('default'))).toMatchObject({
      kind: 'PolicyReport',
      metadata: { name: 'falco-policy-report', namespace: 'default' },
      summary: { skip: 1, fail: 0 },
      results: [
        {
          source: 'Falco',
          policy: 'syscalls',
          rule: 'Terminal shell in container',
          severity: 'low',
          result: 'skip',
          message: shell.output,
          timestamp: { seconds: 1610667584, nanos: 834631763 },
          resources: [{ apiVersion: 'v1', kind: 'Pod', name: 'alpine', namespace: 'default' }],
          properties: { 'evt.time': '1610667584834631763', 'user.loginuid': '-1' },
        },
      ],
    });
    expect(kube.objects.get(reportIn('kube-system'))).toMatchObject({
      results: [{ severity: 'high', result: 'fail', resources: [{ kind: 'Secret', name: 'token' }] }],
    });
    expect(kube.objects.get(clusterReport)).toMatchObject({
      kind: 'ClusterPolicyReport',
      results: [{ properties: { 'proc.name': 'sh', uuid: 'n' } }, { rule: 'Test rule' }],
    });
  });

  test('an attempt that came through is not written again, and another writer loses nothing', async () => {
    const output = reporter();
    await output.deliverAll([shell]);
    const others = [
      () => {
        kube.objects.set(
          reportIn('default'),
          JSON.parse(
            JSON.stringify(
              reportWith(kube.objects.get(reportIn('default')), 'default', [resultOf(audit)], {
                maxevents: 10,
                prunebypriority: false,
              }),
            ).replace('"resourceVersion":"1"', '"resourceVersion":"7"'),
          ),
        );
      },
    ];
    kube.beforeWrite = () => others.pop()?.();
    await output.deliverAll([shell, { ...shell, uuid: 'second' }]);
    expect(kube.objects.get(reportIn('default'))).toMatchObject({
      metadata: { resourceVersion: '8' },
      results: [
        { properties: { uuid: shell.uuid } },
        { properties: { uuid: audit.uuid } },
        { properties: { uuid: 'second' } },
      ],
      summary: { skip: 2, fail: 1 },
    });
  });

  test('what is about a namespace that is gone goes to that of the hub', async () => {
    kube.namespaces.add('falco').add('here');
    await reporter().deliver(audit);
    await reporter({ falconamespace: 'here' }).deliver(audit);
    expect([...kube.objects.keys()]).toEqual([reportIn('falco'), reportIn('here')]);
  });

  test('a cluster without such reports, and one that does not know us', async () => {
    kube.namespaces.clear();
    const { outcome } = await reporter().deliver(shell);
    expect(outcome).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('no reports of policies in this cluster'),
    });
    kube.known.clear();
    expect((await open(policyreport, { kubeconfig: kubeconfig({}) }).deliver(shell)).outcome.kind).toBe(
      'retry',
    );
  });

  test('hostile alerts are results as others are', async () => {
    const big = { ...sampleAlert('hostile'), source: 'syscall', output: 'x'.repeat(3_000_000) };
    const json = JSON.stringify({ ...big, timeNs: 0, json: '', fields: {} });
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_x, i) => [`f${i}`, 'y'.repeat(100)]));
    const { outcome } = await reporter().deliver({ ...big, fields, json: json + JSON.stringify(fields) });
    expect(outcome).toEqual({ kind: 'delivered' });
    expect(JSON.stringify(kube.objects.get(clusterReport)).length).toBeLessThan(40_000);
  });

  test('a report keeps the newest, or the most urgent', () => {
    const result = (uuid: string, priority: HubAlert['priority']) => resultOf({ ...shell, uuid, priority });
    const all = [result('a', 'Critical'), result('b', 'Debug'), result('c', 'Warning'), result('d', 'Debug')];
    const kept = (prunebypriority: boolean, maxevents: number) =>
      joinResults(all.slice(0, 2), all.slice(2), { maxevents, prunebypriority }).map(
        ({ properties }) => (properties as { uuid: string }).uuid, // Results have it.
      );
    expect(kept(false, 2)).toEqual(['c', 'd']);
    expect(kept(true, 3)).toEqual(['a', 'c', 'd']);
    expect(kept(true, 2)).toEqual(['a', 'c']);
    const large = Array.from({ length: 1_000 }, (_x, i) =>
      resultOf({ ...shell, uuid: String(i), output: 'z'.repeat(3_000) }),
    );
    const fitted = joinResults([], large, { maxevents: 1_000, prunebypriority: false });
    expect(JSON.stringify(fitted).length).toBeLessThanOrEqual(1_000_000);
    expect(fitted.length).toBeGreaterThan(200);
    expect(fitted.at(-1)).toEqual(large.at(-1));
  });

  test('an alert may be about no namespace', () => {
    expect(
      namespaceOf({ ...shell, fields: { 'k8s.ns.name': null, 'ka.target.namespace': '' } }),
    ).toBeUndefined();
  });
});
