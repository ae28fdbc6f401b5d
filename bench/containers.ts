/**
 * What containers cost: asking a runtime (from the question to the answer, over a real socket, against a server that
 * answers at once), and events of a container whose metadata are awaited (each rule's condition as far as it goes),
 * beside those of a container that is known.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuleset, Engine } from '@peregrine/engine';
import { encodeView, TextInterner } from '@peregrine/events';
import { createSyscallSource } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources';
import { ContainerLookups } from '@peregrine/sources/containers';
import { type Container, containerEvent, StateEngine } from '@peregrine/state';
import { startCriServer } from '../packages/sources/testing/cri-server.ts';
import { startDockerServer } from '../packages/sources/testing/docker-server.ts';

const QUESTIONS = 300;
const ROUNDS = 15;
const root = join(import.meta.dirname, '..');

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;
}

function print(title: string, values: readonly number[], unit: string): void {
  const [median, most] = [quantile(values, 0.5), quantile(values, 0.99)];
  process.stdout.write(
    `${title.padEnd(46)} median ${median.toFixed(2)} ${unit}, 99 % ${most.toFixed(2)} ${unit}\n`,
  );
}

const fullIdOf = (i: number): string => i.toString(16).padStart(64, '0');

async function askOneByOne(sockets: Partial<Record<'docker' | 'cri', string>>): Promise<readonly number[]> {
  let told: () => void = () => {};
  const lookups = new ContainerLookups({
    settings: {
      sockets: { docker: sockets.docker ? [sockets.docker] : [], cri: sockets.cri ? [sockets.cri] : [] },
      ...{ hostRoot: '', bounds: { labelBytes: 100 }, retryMs: 60_000 },
    },
    onKnown: () => told(),
    ...{ onUnknown: () => {}, onTrouble: console.error, onRecovery: () => {} },
  });
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      told = resolve;
      lookups.ask({ id: fullIdOf(i), fullId: fullIdOf(i), type: 'docker', startNs: 0, metadata: undefined });
    });
    times.push(performance.now() - startMs);
  }
  lookups.close();
  // The first ones load what it takes.
  return times.slice(20);
}

const folder = mkdtempSync(join(tmpdir(), 'peregrine-bench-'));
const docker = join(folder, 'docker.sock');
const cri = join(folder, 'cri.sock');
const ids = Array.from({ length: QUESTIONS }, (_, i) => fullIdOf(i));
const servers = [
  await startDockerServer({
    socket: docker,
    answers: Object.fromEntries(ids.map((id) => [`/containers/${id}/json`, { Id: id, Image: 'sha256:0' }])),
  }),
  await startCriServer({
    socket: cri,
    containers: ids.map((id) => ({ id, sandboxId: 'f00d', status: { metadata: { name: 'web' } } })),
    sandboxes: [{ id: 'f00d', status: { metadata: { name: 'pod' } } }],
  }),
];
print('Docker: container and image', await askOneByOne({ docker }), 'ms');
print('Kubernetes interface: container and sandbox', await askOneByOne({ cri }), 'ms');
for (const stop of servers) await stop();
rmSync(folder, { recursive: true });

const source = createSyscallSource();
const text = readFileSync(join(root, 'rules/peregrine_rules.yaml'), 'utf8');
const { rules } = loadRules([{ name: 'rules.yaml', text }], {
  sources: [source],
  engineVersion: '0.63.0',
  plugins: [{ name: 'container', version: '0.7.1' }],
});

const metadata: NonNullable<Container['metadata']> = {
  ...{
    name: 'web-1',
    image: 'web:1',
    imageId: '',
    imageRepository: 'web',
    imageTag: '1',
    imageDigest: '',
    ip: '',
  },
  ...{ cniJson: '', isPrivileged: false, isHostPid: false, isHostNetwork: false, isHostIpc: false },
  ...{ isPodSandbox: false, mounts: [], labels: {}, podSandboxId: '', podSandboxLabels: {} },
  ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
};

/** Nanoseconds for each event of the recording, tables and all. */
function replay(isAwaited: boolean): { readonly perEventNs: number; readonly held: number } {
  const met: Container[] = [];
  const state = new StateEngine({
    onContainer: (container) => {
      met.push(container);
      if (isAwaited) engine.await(container.id, 0);
    },
  });
  const engine = new Engine({
    ...{
      state,
      hostname: 'h',
      hold: { mostMs: 1, capacity: 100_000 },
      onAlert: () => {},
      onBug: console.error,
    },
    ruleset: createRuleset(rules, source, { matching: 'first', isTimeIso8601: false, isBufferBase64: false }),
  });
  const input = openCapture(join(root, 'corpora/captures/container/container.scap.gz'));
  const interner = new TextInterner();
  let events = 0;
  const start = process.hrtime.bigint();
  const handle = (view: Parameters<typeof engine.process>[0]): void => {
    events++;
    engine.process(view);
  };
  while (input.poll(state.sink, handle, 10_000) !== 'end');
  for (const container of met)
    engine.process(encodeView(containerEvent({ ...container, metadata }, 'added', 5n), interner));
  engine.settleAll();
  const elapsedNs = Number(process.hrtime.bigint() - start);
  input.close();
  return { perEventNs: elapsedNs / events, held: engine.waitingCounters.held };
}

const known: number[] = [];
const awaited: number[] = [];
let held = 0;
for (let round = -3; round < ROUNDS; round++) {
  const [a, b] = [replay(false), replay(true)];
  held = b.held;
  if (round < 0) continue;
  known.push(a.perEventNs);
  awaited.push(b.perEventNs);
}
print('events of known containers, each', known, 'ns');
print('events of awaited containers, each', awaited, 'ns');
process.stdout.write(`${held} events had to wait\n`);
