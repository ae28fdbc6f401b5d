import type { Json } from '@peregrine/base';
import { JsonNode } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unpackAudit } from './unpack-audit.ts';

function unpack(document: Json) {
  const events: { readonly document: Json; readonly timeNs: bigint }[] = [];
  const reasons: string[] = [];
  unpackAudit(JsonNode.of(document), {
    nowNs: 1n,
    take: (event, timeNs) => events.push({ document: event.value(), timeNs }),
    reject: (reason) => reasons.push(reason),
  });
  return { events, reasons };
}

const stageTimestamp = '2026-11-25T10:00:00.123456Z';
const timeNs = 1_795_600_800_123_456_000n;

describe('documents', () => {
  test.each<[string, Json, number, readonly string[]]>([
    ['Event', { kind: 'Event', stageTimestamp }, 1, []],
    ['EventList', { kind: 'EventList', items: [{ stageTimestamp }, { stageTimestamp }] }, 2, []],
    ['no time', { kind: 'Event' }, 0, ['no_time']],
    ['a time that is none', { kind: 'Event', stageTimestamp: 'yesterday' }, 0, ['no_time']],
    ['text', 'hello', 0, ['not_an_event']],
    ['null', null, 0, ['not_an_event']],
    ['lists in lists without end', [[[[[[[[[[[]]]]]]]]]]], 0, ['too_deep']],
  ])('%s', (_, document, count, reasons) => {
    const found = unpack(document);
    expect([found.events.length, found.reasons]).toEqual([count, reasons]);
  });

  test('the time to the nanosecond', () => {
    expect(unpack({ kind: 'Event', stageTimestamp }).events[0]?.timeNs).toBe(timeNs);
    expect(
      unpack({ kind: 'Event', stageTimestamp: '2026-11-25T12:00:00.123456+02:00' }).events[0]?.timeNs,
    ).toBe(timeNs);
  });

  test('whatever comes, nothing is thrown', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void unpack(JSON.parse(JSON.stringify(value)))));
  });

  test('whatever is in what clouds wrap events in, nothing is thrown', () => {
    const inner = fc.oneof(fc.string(), fc.json(), fc.base64String());
    fc.assert(
      fc.property(inner, (text) => {
        unpack({ message: { data: text }, subscription: 's' });
        unpack({ message: { data: Buffer.from(text).toString('base64') }, subscription: 's' });
        unpack({ records: [{ category: 'kube-audit', properties: { log: text } }] });
      }),
    );
  });
});

test('an entry of GKE is the same event', () => {
  const { events } = unpack({
    insertId: 'i-1',
    labels: { 'authorization.k8s.io/decision': 'allow' },
    logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
    operation: { id: 'op-1', producer: 'k8s.io', first: true },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: { principalEmail: 'alice@example.org' },
      methodName: 'io.k8s.core.v1.pods.exec.create',
      requestMetadata: { callerIp: '203.0.113.7', callerSuppliedUserAgent: 'kubectl/v1.30' },
      resourceName: 'core/v1/namespaces/shop/pods/web-0/exec',
      request: { spec: { hostPID: true } },
      response: { metadata: { name: 'web-0' } },
      serviceName: 'k8s.io',
      status: {},
    },
    resource: { type: 'k8s_cluster', labels: { cluster_name: 'main', location: 'here', project_id: 'p' } },
    timestamp: stageTimestamp,
  });
  expect(events).toEqual([
    {
      timeNs,
      document: {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        auditID: 'op-1',
        stage: 'ResponseStarted',
        requestURI: '/core/v1/namespaces/shop/pods/web-0/exec',
        verb: 'create',
        user: { username: 'alice@example.org' },
        sourceIPs: ['203.0.113.7'],
        userAgent: 'kubectl/v1.30',
        objectRef: {
          apiVersion: 'v1',
          namespace: 'shop',
          resource: 'pods',
          name: 'web-0',
          subresource: 'exec',
        },
        responseStatus: { code: 201 },
        requestObject: { spec: { hostPID: true } },
        responseObject: { metadata: { name: 'web-0' } },
        requestReceivedTimestamp: stageTimestamp,
        stageTimestamp,
        annotations: { 'authorization.k8s.io/decision': 'allow', cluster_name: 'main' },
      },
    },
  ]);
});

const gkeEntry = (payload: Record<string, Json>): Json => ({
  insertId: 'i-2',
  logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    authenticationInfo: { principalEmail: 'bob@example.org' },
    serviceName: 'k8s.io',
    ...payload,
  },
  resource: { type: 'k8s_cluster', labels: { cluster_name: 'main' } },
  timestamp: stageTimestamp,
});

test('what GKE says of a pod that is made, and of one that is refused', () => {
  const request = {
    '@type': 'core.k8s.io/v1.Pod',
    spec: { hostNetwork: true, containers: [{ image: 'x' }] },
  };
  const { events } = unpack([
    gkeEntry({
      ...{ methodName: 'io.k8s.core.v1.pods.create', resourceName: 'core/v1/namespaces/shop/pods/web' },
      ...{ request, response: { metadata: { name: 'web' } } },
    }),
    gkeEntry({
      methodName: 'io.k8s.authorization.rbac.v1.clusterroles.delete',
      resourceName: 'rbac.authorization.k8s.io/v1/clusterroles/admin',
      status: { code: 7, message: 'Forbidden' },
    }),
  ]);
  expect(events.map(({ document }) => document)).toMatchObject([
    {
      verb: 'create',
      stage: 'ResponseComplete',
      objectRef: { resource: 'pods', namespace: 'shop', name: 'web' },
      responseStatus: { code: 201 },
      requestObject: { spec: { hostNetwork: true } },
      responseObject: { metadata: { name: 'web' } },
    },
    {
      verb: 'delete',
      objectRef: { apiGroup: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'admin' },
      responseStatus: { code: 403, message: 'Forbidden' },
    },
  ]);
});

test('an entry that Pub/Sub pushes', () => {
  const entry = gkeEntry({
    methodName: 'io.k8s.core.v1.secrets.get',
    resourceName: 'core/v1/namespaces/shop/secrets/token',
  });
  const pushed = (data: string): Json => ({
    message: { data, messageId: '1', publishTime: stageTimestamp, attributes: {} },
    subscription: 'projects/p/subscriptions/audit',
  });
  const good = unpack(pushed(Buffer.from(JSON.stringify(entry)).toString('base64')));
  expect(good.events[0]?.document).toMatchObject({
    ...{ auditID: 'i-2', verb: 'get', user: { username: 'bob@example.org' } },
    objectRef: { resource: 'secrets', name: 'token' },
  });
  expect(unpack(pushed('aGVsbG8=')).reasons).toEqual(['not_json']);
});

test('a record of AKS by itself, as a storage account has them line by line', () => {
  const log = JSON.stringify({ kind: 'Event', auditID: 'a', stageTimestamp });
  const record = {
    time: stageTimestamp,
    category: 'kube-audit-admin',
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    properties: { log, stream: 'stdout', pod: 'kube-apiserver-1' },
  };
  expect(unpack(record).events.map(({ document }) => document)).toEqual([JSON.parse(log)]);
});

test('records of AKS hold events as text', () => {
  const log = JSON.stringify({ kind: 'Event', auditID: 'a', stageTimestamp });
  const { events, reasons } = unpack({
    records: [
      { category: 'kube-audit', properties: { log, pod: 'kube-apiserver-1' } },
      { category: 'kube-audit-admin', properties: { log: log.slice(0, 20) } },
      { category: 'kube-scheduler', properties: { log: 'hello' } },
    ],
  });
  expect([events.map(({ document }) => document), reasons]).toEqual([[JSON.parse(log)], ['cut_off']]);
});
