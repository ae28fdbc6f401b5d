import type { Run } from '@peregrine/api/contract';
import { describe, expect, test } from 'vitest';
import { freshOf, mergeRuns, type RunFilter, runFilterOf, updateRuns, waitingOf } from './run-list.ts';

const all: RunFilter = { states: [], rule: '', text: '' };
/** Decided in that second. */
const run = (id: string, second: number, over: Partial<Run> = {}): Run => ({
  ...{
    id,
    alertUuid: 'u',
    alertRule: 'r',
    alertPriority: 'Notice',
    alertTime: '',
    alertOutput: '',
    hostname: '',
  },
  ...{
    rule: 'End pods',
    step: 0,
    action: 'End',
    actionner: 'kubernetes:terminate',
    target: 'pod default/alpine',
  },
  ...{ namespace: null, node: null, state: 'done', summary: 'deleted', changes: [], canBeUndone: false },
  ...{ undoTime: null, begunTime: null, endedTime: null, attemptCount: 1, repeatCount: 0, approval: null },
  ...{ artifact: null, undoneBy: null, results: {} },
  decidedTime: new Date(second * 1_000).toISOString(),
  ...over,
});
const changesOf = (...runs: readonly Run[]) => new Map(runs.map((one) => [one.id, one]));
const ids = (runs: readonly Run[]): string => runs.map(({ id }) => id).join(' ');

test('the address says which runs are wanted', () => {
  expect(runFilterOf(new URLSearchParams('state=done&state=nonsense&state=waiting&rule=R&text=x'))).toEqual({
    ...{ states: ['waiting', 'done'], rule: 'R', text: 'x' },
  });
  expect(runFilterOf(new URLSearchParams())).toEqual(all);
});

describe('a list', () => {
  const list = [run('c', 30), run('b', 20), run('a', 10)];

  test.each([
    ['nothing', [], 'c b a'],
    ['newer ones', [run('d', 40), run('e', 50)], 'e d c b a'],
    ['some that were decided at once', [run('d', 40), run('e', 40)], 'e d c b a'],
    ['one between others', [run('d', 25)], 'c d b a'],
    ['one that is as old as another', [run('d', 20)], 'c d b a'],
    ['an older one', [run('d', 5)], 'c b a d'],
  ])('takes in %s', (_, changed, wanted) => {
    expect(ids(mergeRuns(list, changesOf(...changed), all, false))).toBe(wanted);
  });

  test('leaves what is older than it for when it gets there', () => {
    const changes = changesOf(run('d', 5), run('e', 15));
    expect(ids(mergeRuns(list, changes, all, true))).toBe('c b e a');
    expect(ids(freshOf(list, changes, all, true))).toBe('e');
  });

  test('shows runs as they are now, and drops those that are no longer wanted', () => {
    const changes = changesOf(run('b', 20, { state: 'undone' }));
    expect(updateRuns(list, changes).map(({ state }) => state)).toEqual(['done', 'undone', 'done']);
    expect(ids(mergeRuns(list, changes, { ...all, states: ['done'] }, false))).toBe('c a');
  });

  test('is the same one when nothing is new', () => {
    expect(mergeRuns(list, new Map(), all, false)).toBe(list);
    expect(updateRuns(list, changesOf(run('z', 1)))).toBe(list);
    const once = mergeRuns(list, changesOf(run('d', 40)), all, false);
    expect(mergeRuns(once, changesOf(...once), all, false)).toBe(once);
  });

  test.each([
    [{ ...all, rule: 'Block' }, 'e'],
    [{ ...all, text: 'KUBE-system' }, 'f'],
    [{ ...all, states: ['held'] as const }, 'f'],
  ])('takes in what its filter finds: %j', (filter, wanted) => {
    const changes = changesOf(
      run('e', 40, { rule: 'Block' }),
      run('f', 50, { target: 'pod kube-system/dns', state: 'held' }),
    );
    expect(ids(freshOf([], changes, filter, false))).toBe(wanted);
  });
});

test('what waits is in the order of its end, as it is now', () => {
  const waits = (id: string, minute: string): Run =>
    run(id, 1, {
      state: 'waiting',
      approval: { expiresTime: `2026-11-26T10:${minute}:00Z`, by: null, decidedTime: null },
    });
  const runs = [waits('a', '30'), waits('b', '20'), waits('c', '10')];
  const changes = changesOf(run('c', 1, { state: 'denied' }), waits('d', '05'), run('e', 2));
  expect(ids(waitingOf(runs, changes))).toBe('d b a');
});
