import { type RunState, runStates } from '@peregrine/actions';
import type { Caller } from '@peregrine/api';
import { operations } from '@peregrine/api/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResponderFake } from '../../../testing/response-fake.ts';
import { alertOf, asked } from '../../../testing/rules-interface.ts';
import { createResponseHandlers } from './response-handlers.ts';

const bob: Caller = { name: 'bob', role: 'responder', via: 'password', address: '127.0.0.1' };
const APPROVAL = { expiresMs: Date.parse('2026-11-26T10:15:00Z') };
const alert = alertOf({ rule: 'Terminal shell in container' });
const store = {
  get: async (id: string) =>
    id === alert.uuid
      ? { id: '1', alert, mark: undefined, state: 'new' as const, assignee: undefined, incidentId: '1' }
      : undefined,
};

let responder: ResponderFake;
let handlers: ReturnType<typeof createResponseHandlers>;
beforeEach(() => {
  responder = new ResponderFake();
  handlers = createResponseHandlers({ response: responder, store });
});

test('the contract has the states that runs have', async () => {
  for (const state of Object.keys(runStates) as RunState[]) responder.add({ state });
  const { runs } = await handlers.listResponseRuns(asked({}));
  const answer = { isConfigured: true, runs, next: null };
  expect(operations.listResponseRuns.answer.safeParse(answer)).toMatchObject({ success: true });
  const { counts } = await handlers.getResponse(asked({}));
  expect(counts).toEqual(Object.keys(runStates).map((state) => ({ state, count: 1 })));
});

test('the state of things is told', async () => {
  responder.add({ state: 'waiting', approval: APPROVAL });
  responder.facts = {
    ...{ isDryRun: true, isLeading: false, leader: 'hub-1', kubernetesTrouble: 'no route to host' },
    ...{ protections: ['namespace kube-system'] },
    rules: [
      {
        ...{ name: 'End pods', description: 'what shells are in', isDryRun: true, place: 'response.yaml:1' },
        ...{ matches: ['rule is Terminal shell in container'], matchCount: 2, lastMatchMs: 0 },
        actions: [
          { name: 'End', actionner: 'kubernetes:terminate', needsApproval: true, canBeUndone: false },
        ],
      },
    ],
    limits: [
      {
        ...{ what: 'all actions', scope: 'each namespace', where: 'default', usedCount: 3, mostCount: 10 },
        ...{ windowMs: 60_000, heldCount: 1 },
      },
    ],
  };
  const status = await handlers.getResponse(asked({}));
  expect(operations.getResponse.answer.parse(status)).toEqual(status);
  expect(status).toMatchObject({
    ...{ isConfigured: true, isDryRun: true, isLeading: false, leader: 'hub-1', waitingCount: 1 },
    ...{ kubernetesTrouble: 'no route to host', hostTrouble: null },
    rules: [{ name: 'End pods', lastMatchTime: '1970-01-01T00:00:00.000Z' }],
    limits: [{ usedCount: 3, mostCount: 10 }],
    counts: [{ state: 'waiting', count: 1 }],
  });
});

test('runs come page by page, newest first', async () => {
  const ids = Array.from({ length: 5 }, () => responder.add().id).reverse();
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await handlers.listResponseRuns(asked({ query: { limit: 2, cursor } }));
    found.push(...page.runs.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(found).toEqual(ids);
});

test.each([
  ['states', { state: ['held', 'waiting'] }, ['b', 'c']],
  ['a rule', { rule: 'Block' }, ['c']],
  ['an alert', { alert: 'uuid-b' }, ['b']],
  ['a text', { text: 'KUBE-SYSTEM' }, ['b']],
  ['nothing that there is', { text: 'nowhere' }, []],
])('runs are found by %s', async (_, query, wanted) => {
  responder.add({ id: 'a' });
  responder.add({ id: 'b', state: 'held', alertUuid: 'uuid-b', target: 'pod kube-system/dns' });
  responder.add({ id: 'c', state: 'waiting', rule: 'Block', approval: APPROVAL });
  const { runs } = await handlers.listResponseRuns(asked({ query }));
  expect(runs.map(({ id }) => id).sort()).toEqual(wanted);
});

test('a run is shown with all that is written down of it', async () => {
  const { id } = responder.add({
    ...{ state: 'undone', undoneBy: 'ann', begunMs: 0, endedMs: 1_000, artifact: 's3://b/pcap' },
    changes: [{ object: 'pod default/alpine', part: 'label suspicious', after: 'true' }],
    approval: { ...APPROVAL, by: 'link 192.0.2.1', decidedMs: 500 },
    results: { bytes: 1_610_667_584_834_631_763n },
  });
  const run = await handlers.getResponseRun(asked({ params: { id } }));
  expect(operations.getResponseRun.answer.parse(run)).toEqual(run);
  expect(run).toMatchObject({
    ...{ node: null, undoTime: null, endedTime: '1970-01-01T00:00:01.000Z' },
    changes: [{ part: 'label suspicious', before: null, after: 'true' }],
    approval: { by: 'link 192.0.2.1', expiresTime: '2026-11-26T10:15:00.000Z' },
    results: { bytes: { $number: '1610667584834631763' } },
  });
  await expect(handlers.getResponseRun(asked({ params: { id: 'x' } }))).rejects.toMatchObject({
    ...{ status: 404, code: 'no-run' },
  });
});

describe('orders', () => {
  test('are taken in the name of who gives them', async () => {
    const first = responder.add({ state: 'waiting', approval: APPROVAL });
    const second = responder.add({ state: 'waiting', approval: APPROVAL });
    const third = responder.add({ canBeUndone: true });
    const by = { caller: bob };
    expect(await handlers.approveRun(asked({ params: { id: first.id }, ...by }))).toMatchObject({
      ...{ state: 'begun', approval: { by: 'bob' } },
    });
    expect(await handlers.denyRun(asked({ params: { id: second.id }, ...by }))).toMatchObject({
      ...{ state: 'denied', approval: { by: 'bob' } },
    });
    expect(await handlers.undoRun(asked({ params: { id: third.id }, ...by }))).toMatchObject({
      ...{ state: 'undone', undoneBy: 'bob', canBeUndone: false },
    });
  });

  test.each(['approveRun', 'denyRun', 'undoRun'] as const)(
    '%s is refused when it is too late',
    async (name) => {
      const { id } = responder.add({ state: 'expired', approval: APPROVAL });
      await expect(handlers[name](asked({ params: { id } }))).rejects.toMatchObject({
        ...{ status: 409, code: 'too-late' },
      });
      await expect(handlers[name](asked({ params: { id: 'x' } }))).rejects.toMatchObject({ status: 404 });
      expect(responder.run(id)?.state).toBe('expired');
    },
  );
});

test('what would be done about an alert is told, and nothing is done', async () => {
  responder.explanation = {
    rules: [
      {
        ...{ name: 'End pods', matches: false },
        parts: [{ text: 'priority>=Error', holds: false, found: 'Notice' }],
        actions: [
          { name: 'End', actionner: 'kubernetes:terminate', verdict: 'would run', target: 'pod a/b' },
        ],
      },
    ],
  };
  const explained = await handlers.explainResponse(asked({ body: { alert: alert.uuid } }));
  expect(operations.explainResponse.answer.parse(explained)).toEqual(responder.explanation);
  expect(responder.explained).toEqual([alert.json]);
  responder.explanation = { problem: 'the alert is no JSON' };
  await expect(handlers.explainResponse(asked({ body: { alert: alert.uuid } }))).rejects.toMatchObject({
    ...{ status: 422, message: 'the alert is no JSON' },
  });
  await expect(handlers.explainResponse(asked({ body: { alert: 'x' } }))).rejects.toMatchObject({
    ...{ status: 404, code: 'no-alert' },
  });
});

test('a hub without response rules says so', async () => {
  const none = createResponseHandlers({ response: undefined, store });
  const status = await none.getResponse(asked({}));
  expect(operations.getResponse.answer.parse(status)).toMatchObject({ isConfigured: false, rules: [] });
  expect(await none.listResponseRuns(asked({}))).toEqual({ isConfigured: false, runs: [], next: null });
  for (const ask of [
    () => none.getResponseRun(asked({ params: { id: 'x' } })),
    () => none.approveRun(asked({ params: { id: 'x' } })),
    () => none.explainResponse(asked({ body: { alert: alert.uuid } })),
    () => none.streamResponse(asked({})),
  ])
    await expect(ask()).rejects.toMatchObject({ status: 404, code: 'no-response' });
});
