/** Who is said to have begun what, in whichever order it becomes known. */

import type { ExecRequest } from '@peregrine/sources/feeds';
import { type Container, ExecSession, Process, type SessionOrigin, Thread } from '@peregrine/state';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExecJoin } from './exec-join.ts';
import { isCommand, matchSessions } from './match-sessions.ts';

const SECOND = 1_000_000_000n;
const T0 = 1_795_600_800n * SECOND;

let sessionCount = 0;
function sessionOf(command: readonly string[], atSeconds: number, containerId = 'c0ffee'): ExecSession {
  const tid = 1_000 + ++sessionCount;
  const thread = new Thread(tid, new Process(tid));
  thread.containerId = containerId;
  thread.exe = command[0] ?? '';
  thread.args = command
    .slice(1)
    .map((arg) => `${arg}\0`)
    .join('');
  return new ExecSession(`exec ${tid}`, thread, T0 + BigInt(Math.round(atSeconds * 1e3)) * 1_000_000n);
}

function requestOf(
  user: string,
  command: readonly string[],
  atSeconds: number,
  more: Partial<ExecRequest> = {},
): ExecRequest {
  const askedNs = T0 + BigInt(Math.round(atSeconds * 1e3)) * 1_000_000n;
  return {
    auditId: `audit ${user} ${atSeconds}`,
    ...{ kind: 'exec', phase: 'open', namespace: 'shop', pod: 'web-0', podUid: undefined, container: 'web' },
    ...{
      command,
      user,
      groups: ['dev'],
      impersonated: undefined,
      sourceIp: '10.0.0.9',
      userAgent: 'kubectl',
    },
    ...{ askedNs, stageNs: askedNs + SECOND / 10n },
    ...more,
  };
}

const summary = (origin: SessionOrigin | undefined): string =>
  origin === undefined ? 'none' : `${origin.match} ${origin.user?.name ?? origin.users.join('|')}`.trim();

describe('sessions and requests of one pod', () => {
  const sh = ['sh'];
  test.each<[string, readonly ExecSession[], readonly ExecRequest[], readonly string[]]>([
    ['one of each', [sessionOf(sh, 0.2)], [requestOf('alice', sh, 0)], ['sure alice']],
    ['no request', [sessionOf(sh, 0.2)], [], ['unknown']],
    ['another command', [sessionOf(['ls'], 0.2)], [requestOf('alice', sh, 0)], ['unknown']],
    [
      'another container',
      [sessionOf(sh, 0.2)],
      [requestOf('alice', sh, 0, { container: 'sidecar' })],
      ['unknown'],
    ],
    [
      'no container named',
      [sessionOf(sh, 0.2)],
      [requestOf('alice', sh, 0, { container: undefined })],
      ['sure alice'],
    ],
    [
      'another pod of the same name',
      [sessionOf(sh, 0.2)],
      [requestOf('alice', sh, 0, { podUid: 'u-2' })],
      ['unknown'],
    ],
    ['long before', [sessionOf(sh, 0)], [requestOf('alice', sh, 10)], ['unknown']],
    ['long after', [sessionOf(sh, 60)], [requestOf('alice', sh, 0)], ['unknown']],
    [
      'two commands',
      [sessionOf(['ls'], 0.2), sessionOf(sh, 0.2)],
      [requestOf('alice', sh, 0), requestOf('bob', ['ls'], 0)],
      ['sure bob', 'sure alice'],
    ],
    [
      'the same command at once',
      [sessionOf(sh, 0.2), sessionOf(sh, 0.3)],
      [requestOf('alice', sh, 0), requestOf('bob', sh, 0)],
      ['ambiguous alice|bob', 'ambiguous alice|bob'],
    ],
    [
      'the same command of one user',
      [sessionOf(sh, 0.2), sessionOf(sh, 0.3)],
      [requestOf('alice', sh, 0), requestOf('alice', sh, 0.1)],
      ['same_user alice', 'same_user alice'],
    ],
    [
      'the same command one after the other',
      [sessionOf(sh, 0.2), sessionOf(sh, 8)],
      [requestOf('alice', sh, 0), requestOf('bob', sh, 7.8)],
      ['sure alice', 'sure bob'],
    ],
    [
      'two sessions, one request',
      [sessionOf(sh, 0.2), sessionOf(sh, 0.3)],
      [requestOf('alice', sh, 0)],
      ['ambiguous alice', 'ambiguous alice'],
    ],
  ])('%s', (_, sessions, requests, expected) => {
    const placed = sessions.map((session) => ({ session, container: 'web', podUid: 'u-1' }));
    expect(matchSessions(placed, requests).map(summary)).toEqual(expected);
    // The order in which they became known changes nothing.
    expect(matchSessions(placed.toReversed(), requests.toReversed()).map(summary)).toEqual(
      expected.toReversed(),
    );
  });

  test('no two sessions are surely of one request', () => {
    const times = fc.array(fc.record({ who: fc.constantFrom('alice', 'bob'), at: fc.nat(30) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(times, fc.array(fc.nat(30), { maxLength: 8 }), (asked, began) => {
        const requests = asked.map(({ who, at }, i) => requestOf(who, sh, at, { auditId: String(i) }));
        const placed = began.map((at) => ({
          session: sessionOf(sh, at),
          container: 'web',
          podUid: undefined,
        }));
        const sure = matchSessions(placed, requests).flatMap(({ match, auditId }) =>
          match === 'sure' ? [auditId] : [],
        );
        expect(new Set(sure).size).toBe(sure.length);
      }),
    );
  });

  test.each<[readonly string[], readonly string[], boolean]>([
    [['bash', '-il'], ['bash', '-il'], true],
    [['/bin/bash', '-il'], ['bash', '-il'], true],
    [['/bin/sh', '/opt/run.sh', 'x'], ['run.sh', 'x'], true],
    [['bash'], ['bash', '-il'], false],
    [['bash', '-c', 'b'], ['bash', '-c', 'a'], false],
    [['bash', 'x'], ['bash'], false],
  ])('%j is what %j asked for: %s', (argv, command, isIt) => {
    expect(isCommand(argv, command)).toBe(isIt);
  });
});

const container = (id: string, labels: Readonly<Record<string, string>> | undefined): Container => ({
  ...{ id, fullId: id, type: 'cri', startNs: 0 },
  metadata: labels === undefined ? undefined : ({ labels } as unknown as Container['metadata']), // Only labels are read.
});
const podLabels = {
  'io.kubernetes.pod.namespace': 'shop',
  'io.kubernetes.pod.name': 'web-0',
  'io.kubernetes.pod.uid': 'u-1',
  'io.kubernetes.container.name': 'web',
};

function joining() {
  let known: Readonly<Record<string, string>> | undefined = podLabels;
  const log: string[] = [];
  const join = new ExecJoin(
    {
      container: (id) => container(id, known),
      containers: () => [container('c0ffee', known)],
      hold: () => log.push('hold'),
      release: () => log.push('release'),
      attach: (id, origin) => log.push(`${id}: ${summary(origin)}`),
    },
    { waitMs: 5_000 },
  );
  return {
    join,
    log,
    learn: (of: Readonly<Record<string, string>> | undefined) => {
      known = of;
    },
  };
}

describe('the join', () => {
  test.each(['request', 'session'])('the %s comes first', (first) => {
    const { join, log } = joining();
    const session = sessionOf(['sh'], 0.2);
    const request = () => join.asked([requestOf('alice', ['sh'], 0)], 1_000);
    if (first === 'request') request();
    join.began(session, 1_000);
    if (first === 'session') request();
    join.turn(1_100);
    expect([summary(session.origin), log]).toEqual(['sure alice', ['hold']]);
    join.turn(1_400);
    expect(log).toEqual(['hold', 'release']);
  });

  test('a request that does not come is not waited for forever, and counts when it comes late', () => {
    const { join, log } = joining();
    const session = sessionOf(['sh'], 0.2);
    join.began(session, 0);
    join.turn(4_000);
    expect(log).toEqual(['hold']);
    join.turn(6_000);
    expect([log, summary(session.origin)]).toEqual([['hold', 'release'], 'unknown']);
    join.asked([requestOf('alice', ['sh'], 0)], 30_000);
    join.turn(30_000);
    expect(summary(session.origin)).toBe('sure alice');
  });

  test('a session waits for its pod to be known, and goes on when it is in none', () => {
    const { join, log, learn } = joining();
    learn(undefined);
    const session = sessionOf(['sh'], 0.2);
    join.asked([requestOf('alice', ['sh'], 0)], 0);
    join.began(session, 0);
    join.turn(1_000);
    expect(summary(session.origin)).toBe('unknown');
    learn(podLabels);
    join.turn(1_100);
    expect(summary(session.origin)).toBe('sure alice');
    learn({});
    join.began(sessionOf(['sh'], 9), 9_000);
    join.turn(9_000);
    expect(log.slice(-2)).toEqual(['hold', 'release']);
  });

  test('what was sure is so no longer when another request turns out to fit as well', () => {
    const { join } = joining();
    const [one, two] = [sessionOf(['sh'], 0.2), sessionOf(['sh'], 0.3)];
    join.asked([requestOf('alice', ['sh'], 0)], 0);
    join.began(one, 0);
    join.turn(100);
    expect(summary(one.origin)).toBe('sure alice');
    join.began(two, 150);
    join.asked([requestOf('bob', ['sh'], 0)], 200);
    join.turn(200);
    expect([summary(one.origin), summary(two.origin)]).toEqual([
      'ambiguous alice|bob',
      'ambiguous alice|bob',
    ]);
  });

  test('counts say what was joined, what was not, what came late, and what is remembered', () => {
    const { join, learn } = joining();
    join.asked([requestOf('alice', ['sh'], 0), requestOf('bob', ['id'], 0)], 0);
    for (const [command, at] of [
      ['sh', 0.2],
      ['top', 0.3],
    ] as const)
      join.began(sessionOf([command], at), 0);
    join.turn(0);
    expect(join.counts()).toMatchObject({
      joinedCount: 1,
      tables: { pods: { size: 1 }, sessions: { size: 2 }, requests: { size: 2, limit: 32_768 } },
    });
    join.turn(6_000);
    expect(join.counts().sessions).toMatchObject({ sure: 1, unknown: 1 });
    join.asked([requestOf('carol', ['top'], 0)], 7_000);
    join.turn(7_000);
    expect(join.counts()).toMatchObject({ joinedCount: 2, lateCount: 1, expiredCount: 0 });
    learn({});
    join.began(sessionOf(['sh'], 9), 8_000);
    join.turn(8_000);
    expect(join.counts().sessions.no_pod).toBe(1);
    for (const nowMs of [130_000, 140_000]) join.turn(nowMs);
    expect(join.counts()).toMatchObject({
      // Bob's command ran nowhere.
      expiredCount: 1,
      tables: { pods: { size: 0 }, sessions: { size: 0 }, requests: { size: 0 }, attachments: { size: 0 } },
    });
  });

  test('requests without end fill no more than there is room for', () => {
    const { join } = joining();
    for (let i = 0; i < 1_000; i++) {
      const requests = Array.from({ length: 300 }, (_, n) => ({
        ...requestOf('alice', ['sh'], 0),
        ...{ auditId: `${i}-${n}`, pod: `pod-${i}` },
      }));
      join.asked(requests, i);
    }
    const { tables, forgottenPodCount, expiredCount } = join.counts();
    expect(tables.requests.size).toBeLessThanOrEqual(tables.requests.limit);
    expect(tables.requests.size).toBeGreaterThan(tables.requests.limit - 300);
    expect([forgottenPodCount, expiredCount + tables.requests.size]).toEqual([
      1_000 - tables.pods.size,
      300_000,
    ]);
    join.turn(1_000_000);
    expect(join.counts().tables.requests.size).toBe(0);
  });

  test('an attachment lasts from its beginning to its end', () => {
    const { join, log } = joining();
    const attach = (phase: 'open' | 'ended') =>
      join.asked([requestOf('alice', [], 0, { kind: 'attach', phase })], 0);
    attach('open');
    join.turn(0);
    attach('ended');
    join.turn(2_000);
    expect(log).toEqual(['c0ffee: attached alice', 'c0ffee: none']);
  });
});
