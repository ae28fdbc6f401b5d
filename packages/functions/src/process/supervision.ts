/**
 * The command that starts a function's process. Around it is a small shell that outlives neither the runtime nor the
 * function: it waits for the end of either, ends what is left, and removes the folder. Around that, where the kernel
 * lets us, a pid namespace, in which everything ends with the shell, whatever the function did to get away.
 */

import { execFile } from 'node:child_process';
import { release } from 'node:os';
import type { Account } from './messages.ts';

/**
 * `$1`: folder to remove; the rest: the command. Descriptor 4 ends with the runtime, or carries the word `kill`; the
 * command's exit status goes back through it. What the function left in its group of processes ends; the folder is
 * removed once more after that, which only the first process of a namespace gets to see.
 */
const SUPERVISOR = `
folder=$1
shift
"$@" 4<&- &
worker=$!
exec 3<&- >/dev/null 2>&1
{ word=; read -r word <&4; [ "$word" = kill ] || sleep 1; kill -KILL "$worker"; } &
wait "$worker"
status=$?
kill -KILL -"$worker"
rm -rf -- "$folder"
echo "$status" >&4
kill -KILL 0
rm -rf -- "$folder"
`;

export const KILL_WORD = 'kill\n';
/** Descriptor of the shell that ends with the runtime. */
export const LIFELINE_FD = 4;

/** What is put around the shell. */
export interface Enclosure {
  /** What comes before it on the command line; nothing where no namespace can be made. */
  readonly prefix: readonly string[];
  /** Whoever it all runs as; `undefined`: as we do, and the process itself changes to its user. */
  readonly account: Account | undefined;
  /** Whether the kernel counts the user's tasks in there alone. */
  readonly countsAlone: boolean;
}

const inNamespace = ['--pid', '--fork', '--kill-child', '--mount-proc', '--'];
const PROBE_LIMIT_MS = 30_000;

/**
 * The best enclosure that this machine and our privileges allow. Best is a user namespace of its own, entered as the
 * function's user: the kernel then counts what the function starts apart from what others of that user do. As root there
 * is a pid namespace without that. `probe` is run in each, to see whether it works.
 */
export async function findEnclosure(
  account: Account | undefined,
  probe: readonly string[],
): Promise<Enclosure> {
  const isRoot = process.getuid?.() === 0;
  const ofUser = {
    prefix: ['unshare', '--user', '--map-current-user', ...inNamespace],
    account,
    countsAlone: countsByNamespace(release()),
  };
  const ofRoot = { prefix: ['unshare', ...inNamespace], account: undefined, countsAlone: false };
  const candidates: readonly Enclosure[] = isRoot
    ? [...(account === undefined ? [] : [ofUser]), ofRoot]
    : [ofUser];
  for (const enclosure of candidates) {
    if (await works(enclosure, probe)) return enclosure;
  }
  return unenclosed;
}

export const unenclosed: Enclosure = { prefix: [], account: undefined, countsAlone: false };

/** Since Linux 5.14. */
export function countsByNamespace(kernelRelease: string): boolean {
  const [major = 0, minor = 0] = kernelRelease.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 14);
}

function works({ prefix, account }: Enclosure, probe: readonly string[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const [program = '', ...given] = [...prefix, ...probe];
  const who = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  execFile(
    program,
    given,
    { timeout: PROBE_LIMIT_MS, cwd: '/', env: { PATH: SYSTEM_PATH }, ...who },
    (error) => resolve(error === null),
  );
  return promise;
}

export function supervised(
  { prefix }: Enclosure,
  folder: string,
  command: readonly string[],
): readonly string[] {
  return [...prefix, '/bin/sh', '-c', SUPERVISOR, 'sh', folder, ...command];
}

/** Where programs are looked for when a manifest says nothing. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
