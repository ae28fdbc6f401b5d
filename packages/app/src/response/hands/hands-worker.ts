/**
 * The process that acts on this machine. It first starts itself anew with no more than the capabilities that it is for:
 * what a thread may do is its own, and the JavaScript engine has threads that nobody can tell to give something up.
 */

import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { deedRoster, defaultHandsSettings, openLinuxCalls, serveHands } from '@peregrine/actions/hands';
import { capabilitySet, hasCapability, noCapabilities } from '../../privileges/capability-set.ts';
import { openPrivilegeCalls } from '../../privileges/linux.ts';
import { readOwnStatus } from '../../privileges/process-status.ts';
import { HANDS_FD, HANDS_START, type HandsStart } from './start-hands.ts';

/** In the environment of the program that took this one's place: its process id. */
const MARK = 'PEREGRINE_HANDS_LIMITED';

// It ends with its connection: what is being done is not left half done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.umask(0o077);

// Whoever starts it is of the same version.
const start = JSON.parse(process.env[HANDS_START] ?? '{}') as HandsStart;
const status = readOwnStatus();
const goal = capabilitySet(start.capabilities);
if (process.env[MARK] !== String(process.pid)) fail(startAnew());
if ((status.permitted & ~goal) !== noCapabilities) fail('more than it needs cannot be given up');
for (const name of [HANDS_START, MARK]) delete process.env[name];

await serveHands(new Socket({ fd: HANDS_FD }), {
  deeds: deedRoster,
  hasCapability: (name) => hasCapability(status.permitted, name),
  settings: defaultHandsSettings({ ...start.protections, hostname: start.hostname }),
  calls: openLinuxCalls(),
  ownPids: [process.pid, start.mainPid],
  accountsRoot: '',
});
process.exit();

/** The program anew in this one's place. Gives what went wrong, if it did. */
function startAnew(): string | undefined {
  const calls = openPrivilegeCalls();
  const set = goal & status.permitted;
  // Without the right to, what bounds a container bounds this program as well.
  calls.boundTo(set);
  const refusal =
    calls.setCapabilities({ effective: set, permitted: set, inheritable: set }) ??
    // For programs that it runs, where it is not root.
    (status.uid === 0 ? undefined : calls.raiseAmbient(set)) ??
    calls.setNoNewPrivileges();
  if (refusal !== undefined) return refusal;
  for (const fd of [0, 1, 2, HANDS_FD]) calls.keepOpen(fd);
  return calls.execute(
    process.execPath,
    readFileSync('/proc/self/cmdline'),
    Buffer.concat([readFileSync('/proc/self/environ'), Buffer.from(`${MARK}=${process.pid}\0`)]),
  );
}

function fail(reason: string | undefined): never {
  process.stderr.write(`what acts on this machine cannot start: ${reason}\n`);
  process.exit(1);
}
