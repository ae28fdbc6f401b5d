/**
 * Pods as real containers: runc runs them below a cgroup of the test, under names that containerd's have in a cluster, and a
 * server that speaks the runtimes' own protocol tells whose they are. A sensor that watches the cgroup sees all of it.
 *
 * Every image is the same: busybox with its commands. A container without `command` and `args` sleeps.
 */

import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import {
  type CriContainer,
  type CriSandbox,
  startCriServer,
} from '../../packages/sources/testing/cri-server.ts';
import { type LiveCgroup, liveObstacle } from '../../packages/sources/testing/live-probe.ts';
import {
  createRuncContainer,
  type RuncContainer,
  runcObstacle,
} from '../../packages/sources/testing/runc-container.ts';
import { documentAt, documentsAt, textAt, textsAt } from './document.ts';
import { ContainerLogs, keyOf } from './pods/container-logs.ts';
import type {
  AttachCall,
  ContainerPlace,
  ContainerStart,
  ExecCall,
  PodRuntime,
  StartedContainer,
} from './pods/pod-runtime.ts';

export interface RuncRuntimeOptions {
  /** What the containers are in. The test removes it, after the cluster is closed. */
  readonly cgroup: LiveCgroup;
  /** Path of the socket at which whose containers they are can be asked, as at containerd's. */
  readonly socket: string;
}

interface Running {
  readonly container: RuncContainer;
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
}

const LOOK_AGAIN_MS = 50;

/** Why there can be no such runtime here; part of a skipped test's name. */
export function runcRuntimeObstacle(): string | undefined {
  return liveObstacle() ?? runcObstacle();
}

export async function openRuncRuntime({ cgroup, socket }: RuncRuntimeOptions): Promise<PodRuntime> {
  const logs = new ContainerLogs();
  const running = new Map<string, Running>();
  // The server looks into these at each question.
  const containers: CriContainer[] = [];
  const sandboxes: CriSandbox[] = [];
  const stopServer = await startCriServer({ socket, containers, sandboxes });

  async function start(place: ContainerStart): Promise<StartedContainer> {
    const id = randomBytes(32).toString('hex');
    const told = toldOf(place, id);
    containers.push(told.container);
    if (!sandboxes.some((known) => known.id === told.sandbox.id)) sandboxes.push(told.sandbox);
    running.get(keyOf(place))?.container.remove();
    const container = createRuncContainer(cgroup, id, `cri-containerd-${id}.scope`);
    installCommands(container.rootfs);
    const child = container.runProgram(wordsOf(place), {
      environment: environmentOf(place),
      input: place.spec.stdin === true ? 'pipe' : 'ignore',
      isAtTerminal: place.spec.tty === true,
    });
    for (const stream of [child.stdout, child.stderr]) collectLines(stream, (line) => logs.add(place, line));
    const ended = exitOf(child);
    running.set(keyOf(place), { container, child, ended });
    while (!container.isRunning()) {
      if (hasEnded(child)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    return { id, ended };
  }

  async function stop(place: ContainerPlace, graceMs: number): Promise<void> {
    const found = running.get(keyOf(place));
    if (found === undefined) return;
    if (graceMs > 0) {
      await exitOf(found.container.kill('TERM'));
      await endsWithin(found.ended, graceMs);
    }
    if (!hasEnded(found.child)) found.container.kill();
    await found.ended;
    running.delete(keyOf(place));
    found.container.remove();
  }

  async function exec(call: ExecCall): Promise<number> {
    const found = running.get(keyOf(call));
    if (found === undefined) throw new Error(`container ${call.container} is not running`);
    const { container } = found;
    const child = call.isTty
      ? container.execAtTerminal(call.command, 'pipe')
      : container.exec(call.command, 'pipe');
    feed(call.stdin, child);
    const copied = Promise.all([copy(child.stdout, call.stdout), copy(child.stderr, call.stderr)]);
    call.signal.addEventListener('abort', () => child.kill(), { once: true });
    const exitCode = await exitOf(child);
    await copied;
    return exitCode;
  }

  async function attach(call: AttachCall): Promise<void> {
    const found = running.get(keyOf(call));
    if (found === undefined) throw new Error(`container ${call.container} is not running`);
    const { child, ended } = found;
    feed(call.stdin, child);
    const copied = Promise.all([copy(child.stdout, call.stdout), copy(child.stderr, call.stderr)]);
    const gone = new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
    await Promise.race([ended.then(() => copied), gone]);
  }

  return {
    start,
    stop,
    exec,
    attach,
    logOf: (place) => logs.of(place),
    followLog: (place, listener) => logs.follow(place, listener),
    close: async () => {
      for (const { container, child, ended } of running.values()) {
        if (!hasEnded(child)) container.kill();
        await ended;
        container.remove();
      }
      await stopServer();
    },
  };
}

/** What the runtime says of a container and of its pod. */
function toldOf(
  { namespace, pod, container, object, spec }: ContainerStart,
  id: string,
): { readonly container: CriContainer; readonly sandbox: CriSandbox } {
  const uid = textAt(object, 'metadata', 'uid');
  const sandboxId = uid.replaceAll('-', '').padEnd(64, '0');
  const labels = {
    'io.kubernetes.container.name': container,
    'io.kubernetes.pod.name': pod,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.uid': uid,
  };
  const status = { metadata: { name: container }, image: { image: textAt(spec, 'image') }, labels };
  const metadata = { name: pod, uid, namespace };
  return {
    container: { id, sandboxId, status, info: {} },
    sandbox: { id: sandboxId, status: { metadata, network: {}, labels: labelsOf(object) } },
  };
}

function labelsOf(object: ContainerStart['object']): Readonly<Record<string, string>> {
  const found = documentAt(object, 'metadata', 'labels');
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, String(value)]));
}

/** All that busybox can do, by name, beside the shell that is there. */
function installCommands(rootfs: string): void {
  const present = readdirSync(join(rootfs, 'bin'));
  const names = execFileSync('/usr/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of names) if (!present.includes(name)) symlinkSync('busybox', join(rootfs, 'bin', name));
}

function wordsOf({ spec }: ContainerStart): readonly string[] {
  const words = [...textsAt(spec, 'command'), ...textsAt(spec, 'args')];
  return words.length > 0 ? words : ['sleep', '1000000'];
}

function environmentOf({ spec }: ContainerStart): Readonly<Record<string, string>> {
  return Object.fromEntries(
    documentsAt(spec, 'env').map((variable) => [textAt(variable, 'name'), textAt(variable, 'value')]),
  );
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 137)));
}

async function endsWithin(ended: Promise<number>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, ended]);
  clearTimeout(timer);
}

function collectLines(stream: Readable | null, tell: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}

/** What is typed goes to a program that may not read it to its end. */
function feed(from: Readable, { stdin }: ChildProcess): void {
  if (stdin === null) return;
  stdin.on('error', () => {});
  from.pipe(stdin);
}

/** Resolves when all has been handed on. */
function copy(from: Readable | null, to: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (from === null || from.closed) return resolve();
    from.on('data', (chunk: Buffer) => to.write(chunk));
    from.once('close', () => resolve());
  });
}
