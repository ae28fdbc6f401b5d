/** Containers in the sensor's thread, with real tables and rules: what is asked, what waits, what goes. */

import type { Alert } from '@peregrine/alert';
import { type EventInput, type EventView, encodeView, TextInterner } from '@peregrine/events';
import type { Container, ProcessRecord } from '@peregrine/state';
import { expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { createDetector, prepareRules } from '../detection/detector.ts';
import { ContainerFollower } from './container-follower.ts';
import { holdLimits } from './container-settings.ts';

const CLOSE = 5;
const PROCEXIT = 186;
const fullIdOf = (i: number): string => i.toString(16).padStart(12, '0').padEnd(64, 'f');
const idOf = (i: number): string => fullIdOf(i).slice(0, 12);

const rules = `
- rule: Closed in the image
  desc: d
  condition: evt.type = close and container.image.repository = web
  output: "%container.id %container.name"
  priority: INFO
- rule: Told of
  desc: d
  condition: evt.type in (container, container_removed)
  output: "%evt.type %container.id"
  priority: INFO
`;

const process: ProcessRecord = {
  ...{
    tid: 0,
    pid: 0,
    ptid: 1,
    sid: 1,
    vpgid: 1,
    pgid: 1,
    vtid: 1,
    vpid: 1,
    comm: 'x',
    exe: 'x',
    exepath: '/x',
  },
  ...{
    args: '',
    cwd: '/',
    env: '',
    cgroups: '',
    root: '/',
    fdlimit: 9,
    cloneFlags: 0,
    uid: 0,
    gid: 0,
    loginuid: 0,
  },
  ...{
    tty: 0,
    vmsizeKb: 0,
    vmrssKb: 0,
    vmswapKb: 0,
    pfmajor: 0,
    pfminor: 0,
    pidnsInitStartNs: 0,
    cloneTsNs: 5n,
  },
  ...{ isExeWritable: false, isExeUpperLayer: false, isExeLowerLayer: false, isExeFromMemfd: false },
  ...{
    capInheritable: 0n,
    capPermitted: 0n,
    capEffective: 0n,
    exeIno: 0,
    exeInoCtimeNs: 0,
    exeInoMtimeNs: 0,
  },
};

const metadata = {
  ...{
    name: 'web-1',
    image: 'web',
    imageId: '',
    imageRepository: 'web',
    imageTag: '',
    imageDigest: '',
    ip: '',
  },
  ...{ cniJson: '', isPrivileged: false, isHostPid: false, isHostNetwork: false, isHostIpc: false },
  ...{ isPodSandbox: false, mounts: [], labels: {}, podSandboxId: '', podSandboxLabels: {} },
  ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
};

function follow(yaml = '') {
  const setup = setupOf([rules], yaml);
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('the rules are bad');
  const asked: Container[] = [];
  const forgotten: Container[] = [];
  const warnings: string[] = [];
  const alerts: Alert[] = [];
  const interner = new TextInterner();
  let nowMs = 0;
  const handle = (view: EventView): void => {
    detector.engine.process(view);
    if (follower.hasNews) follower.catchUp();
  };
  const follower = new ContainerFollower({
    emit: handle,
    ask: (containers) => asked.push(...containers),
    forget: (containers) => forgotten.push(...containers),
    warn: (text) => warnings.push(text),
    now: () => nowMs,
  });
  const detector = createDetector(ruleset, {
    ...{
      setup,
      hostname: 'h',
      hold: holdLimits(setup.config),
      onAlert: (alert: Alert) => alerts.push(alert),
    },
    onBug: (error) => {
      throw error;
    },
    state: follower.hooks,
  });
  follower.follow(detector);
  detector.state.sink.settle();
  const event = (input: EventInput): void => {
    handle(encodeView({ timestampNs: 1n, ...input }, interner));
  };
  return {
    ...{ follower, detector, asked, forgotten, warnings },
    /** The first process of a container. */
    begin: (i: number, tid = 100 + i) =>
      detector.state.sink.process({ ...process, tid, pid: tid, cgroups: `memory=/docker/${fullIdOf(i)}\0` }),
    close: (tid: number) => event({ code: CLOSE, tid, params: [0n, 3n] }),
    end: (tid: number) => event({ code: PROCEXIT, tid, params: [0n, 0n, 0, 0, 0n] }),
    wait: (ms: number) => {
      nowMs += ms;
      follower.afterTurn();
      follower.care();
    },
    known: (i: number) => {
      const container = asked.find(({ id }) => id === idOf(i));
      if (container === undefined) throw new Error(`${i} was not asked for`);
      follower.take({ known: [{ ...container, metadata }], unknown: [] });
    },
    messages: () => alerts.map(({ message }) => message),
    isKept: (i: number) => detector.state.tables.container(idOf(i)) !== undefined,
  };
}

const A = 1;

test('a container is asked for once, and what it matched waits for the answer', () => {
  const run = follow();
  const id = idOf(A);
  run.begin(A);
  run.close(100 + A);
  run.close(100 + A);
  run.wait(1);
  run.close(100 + A);
  run.wait(1);
  expect(run.asked.map(({ fullId, type }) => [fullId, type])).toEqual([[fullIdOf(A), 'docker']]);
  expect(run.messages()).toEqual([]);
  run.known(A);
  expect(run.messages()).toEqual([...Array(3).fill(`${id} web-1`), `container ${id}`]);
  run.close(100 + A);
  expect(run.messages()).toHaveLength(5);
});

test('no answer in time: on it goes, and it is told of once', () => {
  const run = follow('container_engines: { wait_ms: 50 }');
  run.begin(A);
  run.close(100 + A);
  run.wait(49);
  expect(run.detector.engine.isAwaiting(idOf(A))).toBe(true);
  run.wait(1);
  expect(run.detector.engine.isAwaiting(idOf(A))).toBe(false);
  expect(run.messages()).toEqual([]);
  expect(run.warnings).toEqual([expect.stringMatching(/^1 events of new containers went on without/)]);
  run.wait(100_000);
  expect(run.warnings).toHaveLength(1);
  run.known(A);
  run.close(100 + A);
  expect(run.messages()).toEqual([`container ${idOf(A)}`, `${idOf(A)} web-1`]);
});

test('a container that no runtime knows is not waited for any longer', () => {
  const run = follow();
  run.begin(A);
  run.follower.take({ known: [], unknown: [idOf(A)] });
  expect(run.detector.engine.isAwaiting(idOf(A))).toBe(false);
});

test('a container goes with its first process', () => {
  const run = follow();
  run.begin(A);
  run.wait(1);
  run.known(A);
  run.end(100 + A);
  run.wait(1);
  expect(run.messages()).toEqual([`container ${idOf(A)}`, `container_removed ${idOf(A)}`]);
  expect([run.isKept(A), run.forgotten.length]).toEqual([false, 1]);
});

test('one that ended before the answer goes after it', () => {
  const run = follow();
  run.begin(A);
  run.close(100 + A);
  run.end(100 + A);
  run.close(5);
  run.wait(1);
  expect([run.isKept(A), run.forgotten.length]).toEqual([true, 0]);
  run.known(A);
  expect(run.messages()).toEqual([
    `${idOf(A)} web-1`,
    `container ${idOf(A)}`,
    `container_removed ${idOf(A)}`,
  ]);
  expect(run.isKept(A)).toBe(false);
});

test('one that began anew before the answer stays', () => {
  const run = follow();
  run.begin(A);
  run.end(100 + A);
  run.begin(A, 7);
  run.wait(1);
  run.known(A);
  expect(run.isKept(A)).toBe(true);
});

test('an answer on a container that is gone is passed over', () => {
  const run = follow();
  run.begin(A);
  run.wait(1);
  run.follower.take({ known: [], unknown: [idOf(A)] });
  run.end(100 + A);
  run.known(A);
  expect([run.isKept(A), run.messages()]).toEqual([false, [`container_removed ${idOf(A)}`]]);
});

test('10,000 containers come and go, each with a process that is not the first of its namespace', () => {
  const run = follow('container_engines: { wait_ms: 10 }');
  let most = 0;
  for (let i = 0; i < 10_000; i++) {
    const tid = 100 + i;
    const cgroups = `memory=/docker/${i.toString(16).padStart(12, '0').padEnd(64, 'f')}\0`;
    run.detector.state.sink.process({ ...process, tid, pid: tid, vtid: 2, vpid: 2, cgroups });
    run.close(tid);
    run.end(tid);
    run.wait(100);
    most = Math.max(most, [...run.detector.state.tables.containers()].length);
  }
  // A thread goes with the event after its last.
  run.close(5);
  for (let sweep = 0; sweep < 3; sweep++) run.wait(30_000);
  expect([...run.detector.state.tables.containers()]).toEqual([]);
  expect(run.forgotten).toHaveLength(10_000);
  // Two sweeps' worth of what came meanwhile.
  expect(most).toBeLessThanOrEqual(700);
}, 60_000);
