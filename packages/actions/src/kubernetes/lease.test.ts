import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeKube } from '../../testing/fake-kube.ts';
import { leases } from './kinds.ts';
import { KubeFailure } from './kube-port.ts';
import { LeaderElection, leaseTimes } from './lease.ts';

let kube: FakeKube;
let nowMs: number;
const elections: LeaderElection[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  kube = new FakeKube();
  nowMs = 0;
});
afterEach(async () => {
  for (const election of elections.splice(0)) await election.stop();
  vi.useRealTimers();
});

const troubles: string[] = [];
function join(identity: string): LeaderElection {
  const election = new LeaderElection({
    kube: kube.ports.kube,
    ...{ namespace: 'falco', name: 'falco-talon', identity, times: leaseTimes },
    monotonicMs: () => nowMs,
    nowMs: () => 1_700_000_000_000 + nowMs,
    onTrouble: (reason) => troubles.push(reason),
    onChange: () => {},
  });
  elections.push(election);
  return election;
}

/** Time passes, in steps in which everybody gets to try. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    nowMs += 500;
    await vi.advanceTimersByTimeAsync(500);
  }
}

const cut = (): KubeFailure => new KubeFailure('cut', { status: 0, reason: '', mayBeDone: false });
const place = { kind: leases, namespace: 'falco', name: 'falco-talon' };

test('the first one leads, the second one knows, and takes over when the first is gone', async () => {
  const first = join('10.0.0.1:2801');
  await first.start();
  const second = join('10.0.0.2:2801');
  await second.start();
  expect([first.isLeading, second.isLeading, second.leader]).toEqual([true, false, '10.0.0.1:2801']);
  await pass(20_000);
  expect([first.isLeading, second.isLeading]).toEqual([true, false]);
  await first.stop();
  await pass(2_500);
  expect([second.isLeading, second.leader]).toEqual([true, '10.0.0.2:2801']);
  expect(kube.at(place)).toMatchObject({ spec: { holderIdentity: '10.0.0.2:2801', leaseTransitions: 2 } });
});

test('who cannot renew it does not lead before anybody else does', async () => {
  const first = join('a');
  await first.start();
  const second = join('b');
  await second.start();
  for (let i = 0; i < 60; i++) {
    // Somebody's renewal is lost, each time.
    kube.failNext('replace lease falco/falco-talon', cut());
    await pass(500);
    expect(first.isLeading && second.isLeading).toBe(false);
  }
});

test('two that begin at once do not both lead', async () => {
  const [first, second] = [join('a'), join('b')];
  await Promise.all([first.start(), second.start()]);
  expect([first.isLeading, second.isLeading].filter(Boolean).length).toBe(1);
  await pass(4_000);
  expect([first.isLeading, second.isLeading].filter(Boolean).length).toBe(1);
});

test('trouble is told once', async () => {
  const only = join('a');
  for (let i = 0; i < 3; i++) kube.failNext('get', cut());
  troubles.length = 0;
  await only.start();
  await pass(4_500);
  expect([troubles, only.isLeading]).toEqual([['cut'], false]);
  await pass(2_500);
  expect(only.isLeading).toBe(true);
});
