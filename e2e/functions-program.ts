/** Functions served by the built program, for tests that call them. */

import { readdirSync, readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { bugIn, type Ended, type Running, type Scratch, start, until } from './program.ts';

export interface FunctionText {
  readonly name: string;
  readonly namespace?: string;
  readonly runtime: string;
  readonly handler?: string;
  readonly code: string;
  /** Lines of `spec`, without indentation. */
  readonly more?: readonly string[];
}

/** Objects of kind Function, as a manifest. */
export function manifestOf(functions: readonly FunctionText[]): string {
  return functions
    .map(({ name, namespace, runtime, handler, code, more = [] }) =>
      [
        'apiVersion: kubeless.io/v1beta1',
        'kind: Function',
        'metadata:',
        `  name: ${name}`,
        ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
        'spec:',
        `  runtime: ${runtime}`,
        `  handler: ${handler ?? `${name}.handler`}`,
        ...more.map((line) => `  ${line}`),
        '  function: |',
        ...code
          .trim()
          .split('\n')
          .map((line) => `    ${line}`),
        '',
      ].join('\n'),
    )
    .join('---\n');
}

export interface Served {
  readonly url: string;
  readonly program: Running;
  /** Posts JSON to a function of the namespace `default`. */
  call(name: string, data?: unknown): Promise<Response>;
  /** Ends the program as a user would, and makes sure that it did so without a bug. */
  stop(): Promise<Ended>;
}

export interface ServeRequest {
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What the program is started with: `unshare -m`. */
  readonly prefix?: readonly string[];
}

const LOAD_LIMIT_MS = 120_000;

export async function serve(
  scratch: Scratch,
  functions: readonly FunctionText[] | string,
  { options = [], environment = {}, prefix = [] }: ServeRequest = {},
): Promise<Served> {
  const file =
    typeof functions === 'string' ? functions : scratch.write('functions.yaml', manifestOf(functions));
  const given = ['functions', 'run', file, '--port', '0', ...options];
  const [first = 'peregrine', ...rest] = prefix;
  const program = start(first, [...rest, ...given], { environment });
  let isOver = false;
  void program.ended.then(() => {
    isOver = true;
  });
  const address = (): string | undefined => /listening on (\S+)/.exec(program.err())?.[1];
  await until('functions are served', () => address() !== undefined || isOver, LOAD_LIMIT_MS);
  const url = address();
  if (url === undefined) throw new Error(`the program ended: ${program.err()}`);
  return {
    url,
    program,
    call: (name, data) =>
      fetch(`${url}/function/default/${name}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'event-id': '1', 'event-type': 'falco' },
        body: JSON.stringify(data ?? {}),
      }),
    stop: async () => {
      program.child.kill('SIGTERM');
      const ended = await program.ended;
      // What functions print is theirs.
      const ours = ended.err.replaceAll(/^peregrine: [a-z-]+: .*\n/gm, '');
      if (bugIn({ ...ended, err: ours }) !== '') throw new Error(ours);
      return ended;
    },
  };
}

/** Whatever becomes of the test, the program ends with it. */
export function endAfterTest({ program }: Served, scratch: Scratch): void {
  onTestFinished(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
    scratch.remove();
  });
}

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: string;
  readonly command: string;
}

/** All processes that a process made, and those that they made. */
export function descendantsOf(pid: number): readonly ProcessFacts[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => factsOf(Number(name)));
  const found: ProcessFacts[] = [];
  const parents = new Set([pid]);
  for (let size = -1; size !== found.length; ) {
    size = found.length;
    for (const facts of all) {
      if (!parents.has(facts.parent) || parents.has(facts.pid)) continue;
      parents.add(facts.pid);
      found.push(facts);
    }
  }
  return found;
}

/** Those of them that are still there, and not others of the same number. Zombies do not count. */
export function stillThere(processes: readonly ProcessFacts[]): readonly ProcessFacts[] {
  return processes.filter(({ pid, startedAt }) => factsOf(pid).some((now) => now.startedAt === startedAt));
}

function factsOf(pid: number): readonly ProcessFacts[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
    return [{ pid, parent: Number(fields[1]), startedAt: fields[19] ?? '', command }];
  } catch {
    return [];
  }
}
