import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { World } from '../../testing/responder-world.ts';
import type { Responder } from './responder.ts';
import type { RunRecord } from './run-record.ts';

let world: World;
let folder: string;
const opened = new Set<Responder>();
beforeEach(() => {
  world = new World();
  folder = mkdtempSync(join(tmpdir(), 'responder-'));
});
afterEach(async () => {
  for (const responder of opened) await responder.stop(0);
  opened.clear();
  rmSync(folder, { recursive: true });
});

const match = { rules: ['Terminal shell in container'] };
const safe = { actionner: 'test:safe' };
const hurts = { actionner: 'test:hurts' };
const ruleOf = (...actions: readonly object[]) => [{ rule: 'R', match, actions }];

function open(rules: unknown, path?: string): Responder {
  const responder = world.open(rules, path);
  opened.add(responder);
  return responder;
}

async function close(responder: Responder): Promise<void> {
  opened.delete(responder);
  await responder.stop(0);
}

/** Alerts on a pod; each has a text of its own unless given. */
let number = 0;
function shellIn(
  pod: string,
  parts: { readonly namespace?: string; readonly output?: string; readonly uuid?: string } = {},
) {
  const { namespace = 'default', output = `shell ${number++}`, uuid = crypto.randomUUID() } = parts;
  return alertOf({ uuid, output, fields: { 'k8s.ns.name': namespace, 'k8s.pod.name': pod } });
}

const settled = (responder: Responder): Promise<void> => responder.progress.settled();
const runsOf = (responder: Responder): readonly RunRecord[] =>
  responder.runs({ limit: 10_000 }).runs.toReversed();
const statesOf = (responder: Responder): readonly string[] => runsOf(responder).map(({ state }) => state);

test('what is done is written down', async () => {
  const responder = open(ruleOf({ ...safe, action: 'Kill it' }));
  const alert = shellIn('a');
  responder.take(alert, 0);
  await settled(responder);
  expect(world.did).toEqual([{ name: 'test:safe', target: 'default/a', isDryRun: false }]);
  expect(runsOf(responder)).toMatchObject([
    {
      ...{
        alertUuid: alert.uuid,
        rule: 'R',
        action: 'Kill it',
        actionner: 'test:safe',
        target: 'pod default/a',
      },
      ...{ state: 'done', summary: 'did default/a', attemptCount: 1, node: 'n1', namespace: 'default' },
    },
  ]);
  expect(world.told.map(({ run }) => run.state)).toEqual(['done']);
});

test('1,000 alerts in a second for 50 pods: one action for each pod', async () => {
  const responder = open(ruleOf(hurts));
  for (let i = 0; i < 1_000; i++) responder.take(shellIn(`pod-${i % 50}`), 0);
  await settled(responder);
  expect(world.did.map(({ target }) => target).sort()).toEqual(
    Array.from({ length: 50 }, (_, i) => `default/pod-${i}`).sort(),
  );
  const runs = runsOf(responder);
  expect(runs.length).toBe(50);
  expect(runs.reduce((sum, { repeatCount }) => sum + repeatCount, 0)).toBe(950);
});

test('limits hold, and further alerts of what they hold are counted', async () => {
  world.settings = {
    ...world.settings,
    limits: [
      { actionners: ['test:safe'], scope: 'namespace', mostCount: 3, windowMs: 60_000 },
      { actionners: [], scope: 'everywhere', mostCount: 5, windowMs: 60_000 },
    ],
  };
  const responder = open(ruleOf(safe));
  for (let i = 0; i < 100; i++)
    responder.take(shellIn(`pod-${i % 10}`, { namespace: i % 2 === 0 ? 'a' : 'b' }), 0);
  await settled(responder);
  const inA = world.did.filter(({ target }) => target.startsWith('a/')).length;
  expect([inA, world.did.length]).toEqual([3, 5]);
  expect(runsOf(responder).filter(({ state }) => state === 'held').length).toBe(5);
  expect(responder.limits.map(({ usedCount, mostCount }) => [usedCount, mostCount])).toEqual([
    [3, 3],
    [5, 5],
  ]);
  world.nowMs += 60_001;
  responder.take(shellIn('pod-0', { namespace: 'a' }), 0);
  await settled(responder);
  expect(world.did.length).toBe(6);
});

test('what failed without a change takes no place in a limit', async () => {
  const limits = [{ actionners: [], scope: 'everywhere', mostCount: 1, windowMs: 60_000 } as const];
  world.settings = { ...world.settings, limits };
  world.outcomes.push({ kind: 'refused', reason: 'forbidden' });
  const responder = open(ruleOf(safe));
  responder.take(shellIn('a'), 0);
  await settled(responder);
  responder.take(shellIn('b'), 0);
  await settled(responder);
  expect(statesOf(responder)).toEqual(['refused', 'done']);
});

describe('nothing is done', () => {
  test('to what is protected, by the alert or by what is there', async () => {
    const protections = { namespaces: ['kube-system'], labels: ['app=falco'], nodes: ['cp'], pids: [] };
    world.settings = { ...world.settings, protections };
    world.inspected = ({ name }) => ({
      kind: 'there',
      facts: name === 'falco' ? { labels: { app: 'falco' } } : { node: name === 'etcd' ? 'cp' : 'n1' },
    });
    const responder = open(ruleOf(safe));
    responder.take(shellIn('a', { namespace: 'kube-system' }), 0);
    responder.take(shellIn('falco'), 0);
    responder.take(shellIn('etcd'), 0);
    await settled(responder);
    expect(world.did).toEqual([]);
    expect(runsOf(responder).map(({ state, summary }) => `${state}: ${summary}`)).toEqual([
      'held: namespace `kube-system` is protected: `response.protected.namespaces`',
      'held: label `app=falco` is protected: `response.protected.labels`',
      'held: node `cp` is protected: `response.protected.nodes`',
    ]);
  });
  test('where the target is not there, or the alert does not tell', async () => {
    world.inspected = () => ({ kind: 'gone', reason: 'pod default/a is gone' });
    const responder = open(ruleOf(safe));
    responder.take(shellIn('a'), 0);
    responder.take(alertOf({ fields: {}, output: 'x' }), 0);
    responder.take(alertOf({ fields: {}, output: 'y' }), 0);
    await settled(responder);
    expect(runsOf(responder).map(({ state, repeatCount }) => [state, repeatCount])).toEqual([
      ['unchanged', 0],
      ['refused', 1],
    ]);
  });
  test('in a dry run, and the actions know', async () => {
    const responder = open([{ rule: 'R', match, actions: [{ ...hurts, approval: true }], dry_run: 'true' }]);
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(world.did).toEqual([{ name: 'test:hurts', target: 'default/a', isDryRun: true }]);
    expect(runsOf(responder)).toMatchObject([{ state: 'dry-run', canBeUndone: false }]);
  });
  test('about alerts that came in long ago', async () => {
    const responder = open(ruleOf(safe));
    responder.take(shellIn('a'), 601_000);
    expect(runsOf(responder)).toMatchObject([{ state: 'held' }]);
    expect(world.did).toEqual([]);
  });
  test('a second time about the same text, or the same alert', async () => {
    const responder = open(ruleOf(safe));
    const first = shellIn('a', { output: '23:39:44.834631763: Notice A shell' });
    responder.take(first, 0);
    responder.take(shellIn('b', { output: '23:39:45.000000000: Notice A shell' }), 0);
    responder.take(first, 0);
    await settled(responder);
    expect(world.did.length).toBe(1);
    world.nowMs += 60_000;
    responder.take(first, 0);
    await settled(responder);
    expect(world.did.length).toBe(1);
  });
  test('at once again to the same target', async () => {
    const responder = open(ruleOf(safe));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(world.did.length).toBe(1);
    world.nowMs += 10_001;
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(world.did.length).toBe(2);
  });
});

describe('steps', () => {
  test('go on after what went well, and end after what did not', async () => {
    world.outcomes.push({ kind: 'refused', reason: 'no' });
    const responder = open(ruleOf(safe, hurts));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(statesOf(responder)).toEqual(['refused', 'skipped']);
  });
  test('go on after errors where the rule says so', async () => {
    world.outcomes.push({ kind: 'refused', reason: 'no' });
    const responder = open(ruleOf({ ...safe, ignore_errors: 'true' }, hurts));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(statesOf(responder)).toEqual(['refused', 'done']);
  });
  test('have conditions over the results of others', async () => {
    const responder = open(
      ruleOf(
        { ...safe, action: 'First' },
        { ...hurts, action: 'Second', when: 'steps.first.exit_code = 0' },
        { ...hurts, action: 'Third', when: 'steps.second.state = failed', parameters: { note: 'x' } },
      ),
    );
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(statesOf(responder)).toEqual(['done', 'done', 'skipped']);
  });
});

describe('trouble', () => {
  test('is tried again where nothing was done', async () => {
    world.outcomes.push({ kind: 'retry', reason: '429', afterMs: 1 });
    const responder = open(ruleOf(hurts));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(runsOf(responder)).toMatchObject([{ state: 'done', attemptCount: 2 }]);
  });
  test('is given up after some attempts', async () => {
    for (let i = 0; i < 9; i++) world.outcomes.push({ kind: 'retry', reason: '500', afterMs: undefined });
    const responder = open(ruleOf(hurts));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(runsOf(responder)).toMatchObject([
      { state: 'failed', attemptCount: 3, summary: '500 (tried 3 times)' },
    ]);
  });
  test('of which nobody knows what came is tried again only where that is safe', async () => {
    world.outcomes.push({ kind: 'unknown', reason: 'cut' }, { kind: 'unknown', reason: 'cut' });
    const responder = open([
      ...ruleOf(hurts),
      { rule: 'S', match, actions: [{ ...safe, parameters: { note: 'x' } }] },
    ]);
    responder.take(shellIn('a'), 0);
    await settled(responder);
    expect(world.did.map(({ name }) => name)).toEqual(['test:hurts', 'test:safe', 'test:safe']);
    expect(statesOf(responder)).toEqual(['unknown', 'done']);
  });
});

describe('approval', () => {
  const rules = ruleOf({ ...hurts, approval: true }, safe);
  test('is waited for, also over a restart', async () => {
    const path = join(folder, 'ledger.db');
    const first = open(rules, path);
    first.take(shellIn('a'), 0);
    await settled(first);
    expect([statesOf(first), world.did.length]).toEqual([['waiting', 'queued'], 0]);
    expect(world.told.map(({ run }) => run.state)).toEqual(['waiting']);
    await close(first);
    const second = open(rules, path);
    await settled(second);
    expect(world.did.length).toBe(0);
    const id = runsOf(second)[0]?.id ?? '';
    expect(second.approve(id, 'ann')).toMatchObject({ kind: 'taken' });
    await settled(second);
    expect(runsOf(second)).toMatchObject([{ state: 'done', approval: { by: 'ann' } }, { state: 'done' }]);
    expect(second.approve(id, 'bob')).toMatchObject({ kind: 'too-late' });
    expect(second.deny('nobody', 'bob')).toEqual({ kind: 'unknown-run' });
  });
  test('may be denied: nothing after it is done either', async () => {
    const responder = open(rules);
    responder.take(shellIn('a'), 0);
    await settled(responder);
    responder.deny(runsOf(responder)[0]?.id ?? '', 'ann');
    await settled(responder);
    expect([statesOf(responder), world.did]).toEqual([['denied', 'skipped'], []]);
  });
  test('may come too late', async () => {
    const responder = open(rules);
    responder.take(shellIn('a'), 0);
    await settled(responder);
    world.nowMs += 60_001;
    expect(responder.approve(runsOf(responder)[0]?.id ?? '', 'ann')).toMatchObject({ kind: 'too-late' });
    await vi.waitFor(() => expect(statesOf(responder)).toEqual(['expired', 'skipped']), { timeout: 20_000 });
    expect(world.did).toEqual([]);
  });
});

describe('taking back', () => {
  const undoable = { ...safe, parameters: { undoable: true } };
  test('when asked, once', async () => {
    const responder = open(ruleOf(undoable));
    responder.take(shellIn('a'), 0);
    await settled(responder);
    const id = runsOf(responder)[0]?.id ?? '';
    expect(await responder.undo(id, 'ann')).toMatchObject({
      kind: 'taken',
      run: { state: 'undone', undoneBy: 'ann' },
    });
    expect(await responder.undo(id, 'ann')).toMatchObject({ kind: 'too-late' });
    expect(world.undone).toEqual([{ at: 'default/a' }]);
  });
  test('after a time, also over a restart', async () => {
    const rules = ruleOf({ ...undoable, undo_after: '10m' });
    const path = join(folder, 'ledger.db');
    const first = open(rules, path);
    first.take(shellIn('a'), 0);
    await settled(first);
    await close(first);
    world.nowMs += 600_001;
    const second = open(rules, path);
    await vi.waitFor(() => expect(statesOf(second)).toEqual(['undone']), { timeout: 20_000 });
    expect(world.undone).toEqual([{ at: 'default/a' }]);
  });
});

describe('after the program ended while something ran', () => {
  /** As a killed program leaves it: nothing that runs ends, and nothing more is written. */
  async function killedWhile(rules: unknown): Promise<string> {
    const path = join(folder, 'ledger.db');
    world.gate = new Promise(() => {});
    const first = open(rules, path);
    first.take(shellIn('a'), 0);
    await vi.waitFor(() => expect(world.did.length).toBe(1));
    const copy = join(folder, 'copy.db');
    first.flush();
    const { DatabaseSync } = await import('node:sqlite');
    const reader = new DatabaseSync(path);
    reader.exec(`VACUUM INTO '${copy}'`);
    reader.close();
    world.gate = Promise.resolve();
    return copy;
  }
  test('it is done again where that is safe', async () => {
    const second = open(ruleOf(safe), await killedWhile(ruleOf(safe)));
    await settled(second);
    expect([world.did.length, statesOf(second)]).toEqual([2, ['done']]);
  });
  test('and not to another of the same name', async () => {
    const copy = await killedWhile(ruleOf(safe));
    world.inspected = () => ({ kind: 'there', facts: { uid: 'u2' } });
    const second = open(ruleOf(safe), copy);
    await settled(second);
    expect([world.did.length, statesOf(second)]).toEqual([1, ['unchanged']]);
  });
  test('it is reported where that is not safe', async () => {
    const second = open(ruleOf(hurts, safe), await killedWhile(ruleOf(hurts, safe)));
    await settled(second);
    expect([world.did.length, statesOf(second)]).toEqual([1, ['unknown', 'skipped']]);
    expect(world.told.at(-1)?.run.state).toBe('unknown');
  });
  test('it is left where the rule is gone', async () => {
    const second = open([{ rule: 'Other', match, actions: [safe] }], await killedWhile(ruleOf(safe)));
    expect(statesOf(second)).toEqual(['unknown']);
  });
});
