import { beforeEach, expect, test } from 'vitest';
import { FakeKube, failure, forbidden } from '../../testing/fake-kube.ts';
import { alpine, putAlpine, worker } from '../../testing/pods-of.ts';
import { parametersOf, runAction, undoOf } from '../../testing/run-action.ts';
import { label } from './label.ts';
import { objectMeta } from './object-view.ts';

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
  putAlpine(kube, { labels: { app: 'alpine', tier: 'web' } });
});

const labelsAt = (place = alpine): unknown => objectMeta(kube.at(place) ?? {}).labels;
const parameters = { labels: { app: 'bad', suspicious: 'true', tier: '', other: '' } };

test('labels are set and removed, and put back', async () => {
  const outcome = await runAction(label, { ports: kube.ports, parameters });
  expect(outcome).toMatchObject({
    kind: 'done',
    summary: 'changed labels of pod default/alpine: `app=bad`, `suspicious=true`, `tier` removed',
    changes: [
      { object: 'pod default/alpine', part: 'label app', before: 'alpine', after: 'bad' },
      { part: 'label suspicious', after: 'true' },
      { part: 'label tier', before: 'web' },
    ],
  });
  expect(labelsAt()).toEqual({ app: 'bad', suspicious: 'true' });
  const undone = await undoOf(label, outcome, kube.ports);
  expect(undone.kind).toBe('done');
  expect(labelsAt()).toEqual({ app: 'alpine', tier: 'web' });
});

test('what is so already is not set again', async () => {
  await runAction(label, { ports: kube.ports, parameters });
  expect(await runAction(label, { ports: kube.ports, parameters })).toEqual({
    kind: 'unchanged',
    reason: 'the labels of pod default/alpine are so already',
  });
});

test('the node of the pod gets them', async () => {
  const outcome = await runAction(label, {
    ports: kube.ports,
    parameters: { labels: { suspicious: 'true' }, level: 'node' },
  });
  expect(labelsAt(worker)).toEqual({ zone: 'a', suspicious: 'true' });
  await undoOf(label, outcome, kube.ports);
  expect(labelsAt(worker)).toEqual({ zone: 'a' });
});

test('in a dry run nothing changes', async () => {
  const outcome = await runAction(label, { ports: kube.dryPorts, isDryRun: true, parameters });
  expect(outcome.kind).toBe('done');
  expect(labelsAt()).toEqual({ app: 'alpine', tier: 'web' });
});

test('what others changed meanwhile stays when it is undone', async () => {
  const outcome = await runAction(label, { ports: kube.ports, parameters });
  kube.change(alpine, { metadata: { labels: { app: 'theirs' } } });
  expect(await undoOf(label, outcome, kube.ports)).toMatchObject({
    kind: 'done',
    summary: expect.stringContaining('`app` stay as somebody else made them'),
  });
  expect(labelsAt()).toEqual({ app: 'theirs', tier: 'web' });
});

test('undo leaves another pod of that name alone', async () => {
  const outcome = await runAction(label, { ports: kube.ports, parameters });
  kube.drop(alpine);
  putAlpine(kube, { labels: { app: 'bad' } });
  expect(await undoOf(label, outcome, kube.ports)).toMatchObject({ kind: 'unchanged' });
  expect(labelsAt()).toEqual({ app: 'bad' });
});

test('somebody who is faster is not overwritten', async () => {
  kube.failNext('patch', failure(409, 'Conflict'), failure(409, 'Conflict'));
  expect((await runAction(label, { ports: kube.ports, parameters })).kind).toBe('done');
  kube.failNext('patch', ...Array.from({ length: 5 }, () => failure(409, 'Conflict')));
  const again = { labels: { again: 'yes' } };
  expect((await runAction(label, { ports: kube.ports, parameters: again })).kind).toBe('retry');
});

test.each([
  [forbidden('patch', 'pods'), 'refused'],
  [failure(429, 'TooManyRequests'), 'retry'],
  [failure(500, 'InternalError'), 'retry'],
  [failure(404, 'NotFound'), 'unchanged'],
])('%s', async (error, kind) => {
  kube.failNext('patch', error);
  expect((await runAction(label, { ports: kube.ports, parameters })).kind).toBe(kind);
});

test.each([
  ['a name', { labels: { 'not a name': 'x' } }],
  ['a value', { labels: { app: 'not a value' } }],
  ['an empty name', { labels: { '': 'x' } }],
])('%s that cannot be is refused', (_, wrong) => {
  expect(() => parametersOf(label, wrong)).toThrow('labels');
});
