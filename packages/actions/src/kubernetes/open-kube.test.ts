import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestApiServer } from '../../testing/api-server.ts';
import { alpine, worker } from '../../testing/pods-of.ts';
import { deployments, pods } from './kinds.ts';
import { KubeFailure, type KubePort } from './kube-port.ts';
import { type OpenedKube, openKube } from './open-kube.ts';

const { signal } = new AbortController();
let server: TestApiServer;
let opened: OpenedKube;
let kube: KubePort;

beforeEach(async () => {
  server = new TestApiServer();
  opened = await openKube({ kubeconfig: await server.open(), environment: {} });
  kube = opened.port;
});

afterEach(async () => {
  opened.close();
  await server.close();
});

async function failureOf(promise: Promise<unknown>): Promise<KubeFailure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KubeFailure) return error;
  throw new Error(`it did not fail as it should: ${error}`);
}

describe('requests', () => {
  test('a deletion is one request, with whom it is for', async () => {
    await kube.delete(alpine, { graceSeconds: 0, uid: 'u1' }, signal);
    expect(server.seen).toMatchObject([
      {
        method: 'DELETE',
        url: '/api/v1/namespaces/default/pods/alpine',
        headers: { authorization: 'Bearer first', 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u1' },
      propagationPolicy: 'Background',
    });
  });

  test('each verb has its method, path and type', async () => {
    const web = { kind: deployments, namespace: 'shop', name: 'web' };
    await kube.get(worker, signal);
    await kube.create({ ...web, name: '' }, { spec: {} }, signal);
    await kube.replace(web, { spec: {} }, signal);
    await kube.patch(web, { type: 'json', body: [] }, signal);
    await kube.patch(web, { type: 'merge', body: {} }, signal);
    await kube.subresource({ place: web, name: 'scale', verb: 'get' }, signal);
    await kube.subresource({ place: alpine, name: 'eviction', verb: 'create', body: {} }, signal);
    await kube.subresource({ place: alpine, name: 'ephemeralcontainers', verb: 'patch', body: {} }, signal);
    const shown = server.seen.map(({ method, url, headers }) =>
      [method, url, headers['content-type']].filter(Boolean).join(' '),
    );
    expect(shown).toEqual([
      'GET /api/v1/nodes/worker-1',
      'POST /apis/apps/v1/namespaces/shop/deployments application/json',
      'PUT /apis/apps/v1/namespaces/shop/deployments/web application/json',
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web application/json-patch+json',
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web application/merge-patch+json',
      'GET /apis/apps/v1/namespaces/shop/deployments/web/scale',
      'POST /api/v1/namespaces/default/pods/alpine/eviction application/json',
      'PATCH /api/v1/namespaces/default/pods/alpine/ephemeralcontainers application/strategic-merge-patch+json',
    ]);
  });

  test('in a dry run the server is told so, and programs are not run', async () => {
    const { dryPort } = opened;
    await dryPort.delete(alpine, {}, signal);
    await dryPort.patch(alpine, { type: 'merge', body: {} }, signal);
    await dryPort.subresource({ place: alpine, name: 'eviction', verb: 'create', body: {} }, signal);
    await dryPort.get(alpine, signal);
    expect(server.seen.map(({ url }) => url.split('?')[1])).toEqual([
      ...['dryRun=All', 'dryRun=All', 'dryRun=All', undefined],
    ]);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ dryRun: ['All'] });
    const request = { namespace: 'default', pod: 'alpine', container: 'c', command: ['id'], mostBytes: 10 };
    expect(await dryPort.exec(request, signal)).toMatchObject({ exitCode: 0 });
    expect(server.seen).toHaveLength(4);
  });

  test('lists have pages', async () => {
    server.reply = ({ url }) =>
      url.includes('continue=more')
        ? { body: { metadata: {}, items: [{ metadata: { name: 'b' } }] } }
        : { body: { metadata: { continue: 'more' }, items: [{ metadata: { name: 'a' } }] } };
    const request = { kind: pods, namespace: '', fieldSelector: 'spec.nodeName=worker-1' };
    expect(await kube.list(request, signal)).toEqual([
      { metadata: { name: 'a' } },
      { metadata: { name: 'b' } },
    ]);
    expect(server.seen[0]?.url).toBe('/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dworker-1');
  });

  test('logs are text, and cut', async () => {
    server.reply = () => ({ body: 'line one\nline two\n' });
    const request = { namespace: 'default', pod: 'alpine', container: 'c', tailLines: 5, mostBytes: 8 };
    expect(Buffer.from(await kube.log(request, signal)).toString()).toBe('line one');
  });

  test('connections are kept open', async () => {
    for (const _ of [1, 2, 3]) await kube.get(alpine, signal);
    expect(new Set(server.seen.map(({ socket }) => socket)).size).toBe(1);
  });

  test.each(['../secrets/x', '', '..', 'a/b', 'a?b', 'a%2fb'])(
    'no name `%s` becomes a path',
    async (name) => {
      const failure = await failureOf(kube.delete({ ...alpine, name }, {}, signal));
      expect(failure).toMatchObject({ status: 400, mayBeDone: false });
      expect(server.seen).toEqual([]);
    },
  );
});

describe('failures', () => {
  test.each([
    [429, { 'retry-after': '3' }, { afterMs: 3_000, reason: 'TooManyRequests', mayBeDone: false }],
    [503, {}, { afterMs: undefined, reason: 'ServiceUnavailable', mayBeDone: false }],
    [500, {}, { reason: 'InternalError', mayBeDone: false }],
    [504, {}, { reason: 'Timeout', mayBeDone: true }],
    [409, {}, { reason: 'Conflict', mayBeDone: false }],
  ])('%i', async (status, headers, expected) => {
    server.reply = () => ({ status, headers, body: 'no' });
    expect(await failureOf(kube.delete(alpine, { uid: 'u' }, signal))).toMatchObject({ status, ...expected });
  });

  test('what the server says is repeated', async () => {
    const body = { kind: 'Status', reason: 'Forbidden', message: 'pods "alpine" is forbidden', code: 403 };
    server.reply = () => ({ status: 403, body });
    const failure = await failureOf(kube.delete(alpine, {}, signal));
    expect(failure.message).toContain('pods "alpine" is forbidden');
    expect(failure.reason).toBe('Forbidden');
  });

  test('an object that is not there is `undefined`', async () => {
    server.reply = () => ({ status: 404, body: {} });
    expect(await kube.get(alpine, signal)).toBeUndefined();
  });

  test('a connection that breaks after a change was asked for: nobody knows', async () => {
    server.reply = () => ({ cut: true });
    expect(await failureOf(kube.patch(alpine, { type: 'merge', body: {} }, signal))).toMatchObject({
      status: 0,
      mayBeDone: true,
    });
    expect(await failureOf(kube.get(alpine, signal))).toMatchObject({ status: 0, mayBeDone: false });
  });

  test('a kept connection that the server closed is no failure where asking twice is safe', async () => {
    await kube.get(alpine, signal);
    const [first] = server.seen;
    server.reply = ({ socket }) => (socket === first?.socket ? { cut: true } : { body: {} });
    await kube.delete(alpine, { uid: 'u1' }, signal);
    expect(server.seen).toHaveLength(3);
  });

  test('what was deleted before the connection broke is deleted', async () => {
    await kube.get(alpine, signal);
    server.reply = () => (server.seen.length === 2 ? { cut: true } : { status: 404, body: {} });
    await kube.delete(alpine, { uid: 'u1' }, signal);
    expect(server.seen).toHaveLength(3);
    expect(await failureOf(kube.delete(alpine, { uid: 'u1' }, signal))).toMatchObject({ status: 404 });
  });

  test('nobody there: nothing was done', async () => {
    await server.close();
    expect(await failureOf(kube.delete(alpine, { uid: 'u1' }, signal))).toMatchObject({
      status: 0,
      mayBeDone: false,
    });
    await server.open();
  });

  test('who is aborted gets the reason', async () => {
    const controller = new AbortController();
    server.reply = () => {
      controller.abort(new Error('time is over'));
      return new Promise(() => {});
    };
    await expect(kube.delete(alpine, { uid: 'u1' }, controller.signal)).rejects.toThrow('time is over');
  });

  test('a token that was changed is read again', async () => {
    server.reply = ({ headers }) =>
      headers.authorization === 'Bearer second' ? { body: {} } : { status: 401, body: {} };
    expect(await failureOf(kube.get(alpine, signal))).toMatchObject({ status: 401 });
    await server.writeConfig('second');
    expect(await kube.get(alpine, signal)).toEqual({});
  });
});

test.each([
  [{ kubeconfig: '/nonexistent/config', environment: {} }, 'nonexistent'],
  [{ kubeconfig: '', environment: {} }, 'no pod of a cluster'],
])('nothing to reach: %j', async (place, why) => {
  await expect(openKube(place)).rejects.toThrow(why);
});
