import type { Output, ResponseStatus } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { outputTroubles, responseTroubles } from './troubles.ts';

const output: Output = {
  ...{ id: 'slack', title: 'Slack', state: 'delivering', waitingCount: 3, oldestMs: 0, minimumPriority: '' },
  ...{ deliveredCount: 9, failedCount: 2, rejectedCount: 0, expiredCount: 0, skippedCount: 0 },
  ...{ deadLetterCount: 0, lastFailure: { time: '2026-11-26T10:00:00Z', reason: 'answered 500' } },
};

test.each<[Partial<Output>, readonly string[]]>([
  // That it failed once and goes on is nothing to act on.
  [{}, []],
  [{ state: 'failing' }, ['does not deliver, 3 waiting: answered 500']],
  [{ state: 'waiting', waitingCount: 0, lastFailure: null }, ['does not deliver']],
  [{ deadLetterCount: 1_200 }, ['1,200 refused for good (dead letters)']],
])('an output that is %o', (over, texts) => {
  expect(outputTroubles([{ ...output, ...over }]).map(({ text }) => text)).toEqual(texts);
});

const response: ResponseStatus = {
  ...{
    isConfigured: true,
    isDryRun: false,
    rules: [],
    limits: [],
    protections: [],
    counts: [],
    waitingCount: 0,
  },
  ...{ isLeading: true, leader: null, kubernetesTrouble: null, hostTrouble: null },
};

test.each<[Partial<ResponseStatus>, readonly string[]]>([
  [{}, []],
  [{ waitingCount: 1 }, ['1 to approve: an action waits for approval']],
  [{ waitingCount: 2 }, ['2 to approve: actions wait for approval']],
  [{ kubernetesTrouble: 'no route' }, ['At Kubernetes: no route']],
  [
    { hostTrouble: 'no hands', waitingCount: 1 },
    ['1 to approve: an action waits for approval', 'On this machine: no hands'],
  ],
])('responses that are %o', (over, texts) => {
  const found = responseTroubles({ ...response, ...over });
  expect(found.map(({ name, text }) => `${name}: ${text}`)).toEqual(texts);
});
