import { beforeEach, expect, test } from 'vitest';
import { FakeKube, failure, forbidden } from '../../testing/fake-kube.ts';
import { putAlpine, worker } from '../../testing/pods-of.ts';
import type { RunRecord } from '../run/run-record.ts';
import { postEvent } from './k8s-events.ts';
import { objectMeta } from './object-view.ts';

const { signal } = new AbortController();
let kube: FakeKube;
let uid: string;
beforeEach(() => {
  kube = new FakeKube();
  uid = objectMeta(putAlpine(kube)).uid;
});

function runOf(parts: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ id: 'run', alertUuid: 'alert', alertRule: 'Shell', alertPriority: 'Notice', alertTime: '' },
    ...{ alertOutput: 'a shell was spawned', hostname: 'worker-1', rule: 'Kill it', step: 0, action: 'kill' },
    ...{ actionner: 'kubernetes:terminate', target: 'pod default/alpine', namespace: 'default' },
    ...{ node: 'worker-1', state: 'done', summary: 'deleted pod default/alpine', changes: [] },
    ...{ canBeUndone: false, undoAtMs: undefined, decidedMs: 1_000, begunMs: 1_001, endedMs: 1_500 },
    ...{ attemptCount: 1, repeatCount: 0, approval: undefined, artifact: undefined, undoneBy: undefined },
    results: {},
    ...parts,
  };
}

const posted = (): unknown => kube.asked.find(({ verb }) => verb === 'create')?.body;

test('an event at the pod, as Talon posts it', async () => {
  await postEvent(kube.port(false), runOf(), signal);
  expect(posted()).toMatchObject({
    metadata: { generateName: 'falco-talon-', namespace: 'default' },
    reason: 'falco-talon:action:kubernetes:terminate:done',
    type: 'Normal',
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'alpine', uid },
    reportingComponent: 'falcosecurity.org/falco-talon',
    eventTime: '1970-01-01T00:00:01.500000Z',
    message: expect.stringContaining('deleted pod default/alpine'),
  });
});

test.each([
  ['node of pod default/alpine', 'worker-1', { kind: 'Node', name: 'worker-1' }, 'default'],
  ['workload of pod shop/web', 'worker-1', { kind: 'Pod', namespace: 'shop', name: 'web' }, 'shop'],
  ['clusterrole system:evil', undefined, { kind: 'ClusterRole', name: 'system:evil' }, 'default'],
  [
    'deployment shop/web',
    undefined,
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop' },
    'shop',
  ],
  ['process 4711 of worker-1', undefined, { kind: 'Process', namespace: 'default', name: '4711' }, 'default'],
])('%s', async (target, node, involvedObject, namespace) => {
  await postEvent(kube.port(false), runOf({ target, node }), signal);
  expect(posted()).toMatchObject({ involvedObject, metadata: { namespace } });
});

test('an object without a namespace has none in its reference', async () => {
  const nodeUid = objectMeta(kube.at(worker) ?? {}).uid;
  await postEvent(kube.port(false), runOf({ target: 'node of pod default/alpine' }), signal);
  expect(posted()).toMatchObject({
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'worker-1', uid: nodeUid },
  });
});

test.each([failure(404, 'NotFound'), forbidden('get', 'pods')])(
  'without a look at the object: %s',
  async (error) => {
    kube.failNext('get', error);
    await postEvent(kube.port(false), runOf(), signal);
    expect(posted()).toMatchObject({ involvedObject: { name: 'alpine' } });
    expect(posted()).not.toHaveProperty('involvedObject.uid');
  },
);

test('what went wrong is a warning, and texts are bounded', async () => {
  const long = 'x'.repeat(5_000);
  await postEvent(
    kube.port(false),
    runOf({ state: 'failed', summary: long, actionner: `a:${long}` }),
    signal,
  );
  expect(posted()).toMatchObject({
    type: 'Warning',
    reason: expect.stringMatching(/^.{128}$/),
    message: expect.stringMatching(/^.{1024}$/s),
  });
});

test('an event that the server does not take is told', async () => {
  kube.failNext('create', forbidden('create', 'events'));
  await expect(postEvent(kube.port(false), runOf(), signal)).rejects.toThrow('cannot create');
});
