/**
 * What live tests of the probe share: a cgroup of their own, processes in it, and events as plain text. Nothing
 * outside that cgroup is ever read.
 */

import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type EventView, eventTypeOf, type ParamDeclaration } from '@peregrine/events';
import type { StateSink } from '@peregrine/state';
import type { EbpfSource } from '../src/ebpf/ebpf-source.ts';
import { probeObstacle } from '../src/ebpf/loader.ts';
import { type LiveCgroup, unifiedMount } from './live-cgroup.ts';

export { createLiveCgroup, type LiveCgroup, unifiedMount } from './live-cgroup.ts';

/** Why live tests cannot run here; part of the skipped test's name. */
export function liveObstacle(): string | undefined {
  const obstacle = probeObstacle();
  if (obstacle !== undefined) return obstacle.message;
  if (unifiedMount() === undefined) return 'no unified cgroup hierarchy is mounted';
  if (!existsSync('/usr/bin/clang')) return 'clang is not installed';
  return undefined;
}

/** One event, with each parameter as text. */
export interface LiveEvent {
  readonly code: number;
  readonly name: string;
  readonly tid: number;
  readonly timestampNs: bigint;
  readonly params: Readonly<Record<string, string>>;
}

const textTypes = new Set(['CHARBUF', 'FSPATH', 'FSRELPATH']);
const signedTypes = new Set(['ERRNO', 'FD', 'PID', 'INT64']);

/** Text loses its NUL, lists of texts show `|` for each; bytes are hex; a parameter without a value is `<none>`. */
function renderParam(view: EventView, index: number, param: ParamDeclaration): string {
  const size = view.size(index);
  if (size === 0) return '<none>';
  if (textTypes.has(param.type)) return view.wholeText(index).replace(/\0$/, '');
  if (['args', 'env', 'cgroups'].includes(param.name)) return view.wholeText(index).replaceAll('\0', '|');
  const hex = Buffer.from(view.view(index)).toString('hex');
  if (['BYTEBUF', 'SOCKADDR', 'SOCKTUPLE', 'DYN', 'FDLIST'].includes(param.type)) return hex;
  if (size === 8) return String(signedTypes.has(param.type) ? view.bigI64(index) : view.bigU64(index));
  if (size === 4) return String(param.type === 'INT32' ? view.i32(index) : view.u32(index));
  return String(size === 2 ? view.u16(index) : view.u8(index));
}

export function toLiveEvent(view: EventView): LiveEvent {
  const type = eventTypeOf(view.code);
  if (type === undefined) throw new Error(`unknown event code ${view.code}`);
  return {
    code: view.code,
    name: type.name,
    tid: view.tid(),
    timestampNs: view.timestampNs(),
    params: Object.fromEntries(
      type.params.map((param, index) => [param.name, renderParam(view, index, param)]),
    ),
  };
}

/** Names of the parameters in a line that a test program said. */
export function namesIn(line: string): readonly string[] {
  return [...line.matchAll(/ (\w+)=/g)].map((match) => match[1] ?? '');
}

/** Some parameters of an event, as a test program says them: `name parameter=value ...`. */
export function renderParams(event: LiveEvent | undefined, names: readonly string[]): string {
  return [event?.name, ...names.map((name) => `${name}=${event?.params[name]}`)].join(' ');
}

/** Kernel addresses of unix sockets differ from run to run; that they are there is what counts. */
export function hideKernelAddresses(event: LiveEvent): LiveEvent {
  const params = Object.entries(event.params).map(([name, value]) => [name, hideIn(name, value)]);
  return { ...event, params: Object.fromEntries(params) };
}

function hideIn(name: string, value: string): string {
  if (name === 'tuple' && value.startsWith('01'))
    return `01${addressIn(value.slice(2, 18))}${addressIn(value.slice(18, 34))}${value.slice(34)}`;
  if (name === 'source' || name === 'peer') return BigInt(value) >> 47n === 0x1ffffn ? '<kernel>' : value;
  return value;
}

function addressIn(hex: string): string {
  if (/^.{12}ffff$/.test(hex)) return '<kernel>';
  return /^0+$/.test(hex) ? '<none>' : hex;
}

/** The parameters that a line names, of an event. */
export function renderLike(line: string, event: LiveEvent | undefined): string {
  return renderParams(event, namesIn(line));
}

/** Of the usual calls those that `rare-calls.c` makes, and `calls.c` only by the way. */
export const calledAmongRare: readonly string[] = ['getcwd', 'sendmmsg', 'recvmmsg', 'getsockopt'];

/** Call without an event type that test programs make before and after the others, and its number. */
export const MARK = 'getpgid';
const MARK_NUMBER = '121';

/** What a test program did between its two marks. */
export function betweenMarks(events: readonly LiveEvent[]): readonly LiveEvent[] {
  const marks = events.flatMap((event, index) =>
    event.name === 'syscall' && event.params.nativeID === MARK_NUMBER ? [index] : [],
  );
  if (marks.length !== 2)
    throw new Error(`a test program makes two marks, not ${marks.length} in ${events.length} events`);
  return events.slice((marks[0] ?? 0) + 1, marks[1]);
}

export const noState: StateSink = {
  reset() {},
  machine() {},
  process() {},
  fd() {},
  user() {},
  group() {},
  interface() {},
  settle() {},
};

const pauseWord = new Int32Array(new SharedArrayBuffer(4));

/** Stops this thread for a while, events or not. */
export function pauseMs(ms: number): void {
  Atomics.wait(pauseWord, 0, 0, ms);
}

/** Resolves when the process has printed the word; rejects when it ends before. */
export function printed(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (text.includes(word)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('close', () => reject(new Error(`it ended: ${text}`)));
  });
}

/** Hands events on until the process has ended and its last events are in. Returns what it printed. */
export async function followProcess(
  source: EbpfSource,
  child: ChildProcess,
  handler: (view: EventView) => void,
): Promise<string> {
  let output = '';
  let isClosed = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1');
  });
  child.on('close', () => {
    isClosed = true;
  });
  while (!isClosed) {
    source.poll(noState, handler, 100_000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  for (let quiet = 0; quiet < 5; ) {
    const count = source.poll(noState, handler, 100_000);
    quiet = count === 0 ? quiet + 1 : 0;
    pauseMs(2);
  }
  return output;
}

/** Runs a shell command in the cgroup and returns its events and what it printed. */
export async function runLive(
  source: EbpfSource,
  cgroup: LiveCgroup,
  command: string,
): Promise<{ events: readonly LiveEvent[]; output: string }> {
  const events: LiveEvent[] = [];
  const output = await followProcess(source, cgroup.spawn(command), (view) => {
    events.push(toLiveEvent(view));
  });
  return { events, output };
}
