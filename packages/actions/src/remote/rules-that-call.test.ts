/** Remote actions in rules, run by the responder: what is called how often, and what later actions know of it. */

import {
  type HttpReceiver,
  openHttpReceiver,
  type ReceivedRequest,
  type ReceiverAnswer,
} from '@peregrine/outputs/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { World } from '../../testing/responder-world.ts';
import { openSilentServer } from '../../testing/silent-server.ts';
import type { ActionPorts } from '../action.ts';
import { actionNamed } from '../roster.ts';
import { readResponseRules } from '../rules/read-response-rules.ts';
import { Responder } from '../run/responder.ts';
import type { RunRecord } from '../run/run-record.ts';
import { openSqliteLedger } from '../run/sqlite-ledger.ts';

let receiver: HttpReceiver;
let responder: Responder | undefined;
beforeEach(async () => {
  receiver = await openHttpReceiver();
});
afterEach(async () => {
  await responder?.stop(0);
  await receiver.close();
});

function open(actions: readonly object[], more: object = {}): Responder {
  const { plan, diagnostics } = readResponseRules([nodeOf([{ rule: 'R', match: {}, actions, ...more }])]);
  if (plan === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const nothing = (): never => {
    throw new Error('no action of this test asks for it');
  };
  const ports: ActionPorts = {
    ...{ kube: nothing, hands: nothing, environment: {}, record: undefined },
    callFunction: async ({ name }) => ({ kind: 'done', summary: `called ${name}` }),
  };
  responder = new Responder(plan, {
    ...{ settings: new World().settings, ports, dryPorts: ports, actionNamed },
    ledger: openSqliteLedger({ path: ':memory:', mostRuns: 1_000 }),
    contextOf: async () => ({}),
    storeSettings: () => ({}),
    notify: () => {},
    log: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
    ...{ nowMs: Date.now, monotonicMs: () => performance.now(), random: () => 0 },
    newId: () => crypto.randomUUID(),
  });
  return responder;
}

async function runsAfter(to: Responder, count = 1): Promise<readonly RunRecord[]> {
  for (let i = 0; i < count; i++) to.take(alertOf({ output: `shell ${i}` }), 0);
  await to.progress.settled();
  return to.runs({ limit: 100 }).runs.toReversed();
}

const keyOf = ({ headers }: ReceivedRequest): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === 'idempotency-key')?.[1];
const ask = (url = receiver.origin) => ({
  ...{ action: 'Ask', actionner: 'http:function', parameters: { url } },
});

test('what is answered decides about later actions', async () => {
  const quarantine = { action: 'Then', actionner: 'function:call', parameters: { function: 'quarantine' } };
  const actions = [ask(), { ...quarantine, when: 'steps.ask.verdict.risk > 5 and steps.ask.state = done' }];
  receiver.answer({ status: 200, body: '{"verdict": {"risk": 3}, "state": "done"}' });
  expect((await runsAfter(open(actions))).map(({ state }) => state)).toEqual(['done', 'skipped']);
  await responder?.stop(0);
  receiver.answer({ status: 200, body: '{"verdict": {"risk": 9}, "state": "refused"}' });
  expect((await runsAfter(open(actions))).map(({ state, summary }) => [state, summary])).toEqual([
    ['done', `called POST ${receiver.origin} (200)`],
    ['done', 'called quarantine'],
  ]);
});

test('every alert is a call of its own', async () => {
  const runs = await runsAfter(open([ask()]), 3);
  expect(runs.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  expect(new Set(receiver.requests.map(keyOf)).size).toBe(3);
});

test('what was not begun is tried again, as the same', async () => {
  const answers: ReceiverAnswer[] = [{ status: 429 }, { status: 503 }];
  receiver.answer(() => answers.shift() ?? { status: 200 });
  const [run] = await runsAfter(open([ask()]));
  expect(run).toMatchObject({ state: 'done', attemptCount: 3 });
  expect(receiver.requests.map(keyOf)).toEqual([run?.id, run?.id, run?.id]);
});

test('what may have been done is not done again', async () => {
  receiver.answer({ status: 500 });
  expect(await runsAfter(open([ask()]))).toMatchObject([{ state: 'unknown', attemptCount: 1 }]);
  expect(receiver.requests).toHaveLength(1);
});

test('who takes too long may have done it', async () => {
  const silent = await openSilentServer();
  const [run] = await runsAfter(open([{ ...ask(silent.origin), timeout: '3s' }]));
  expect(run).toMatchObject({ attemptCount: 1, summary: expect.stringContaining('no answer before') });
  expect(run?.state).toBe('unknown');
  await silent.close();
});

test('in a dry run, nothing is called', async () => {
  const [run] = await runsAfter(open([ask()], { dry_run: true }));
  expect(run).toMatchObject({ state: 'dry-run', summary: `would call POST ${receiver.origin}` });
  expect(receiver.requests).toEqual([]);
});
