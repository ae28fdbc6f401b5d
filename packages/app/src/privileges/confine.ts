/**
 * Gives up privileges before anything else is done. What a thread may do is its own, and the JavaScript engine has
 * threads that nobody can tell to give something up; so the program is started anew in its own place, with the
 * capabilities that watching takes and nothing to gain others from. Its process id stays.
 */

import { readFileSync, statSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Fault } from '@peregrine/base';
import { buildProbe, countRunTimesForGood } from '@peregrine/sources';
import type { Config } from '../config/config.ts';
import { readConfig, type SetupRequest } from '../detection/setup.ts';
import { inheritance } from '../response/hands/inheritance.ts';
import { findAccount, readAccountFiles } from './accounts.ts';
import {
  type Holding,
  holdingOf,
  keptSet,
  type NeededCapability,
  neededCapabilities,
  neededFor,
  startSet,
} from './capabilities.ts';
import { type CapabilitySet, capabilitySet, noCapabilities } from './capability-set.ts';
import { type Confinement, unconfined } from './confinement.ts';
import { type Account, openPrivilegeCalls, type PrivilegeCalls, type Refusal } from './linux.ts';
import { needsOf } from './needs.ts';
import { type ProcessStatus, readOwnStatus } from './process-status.ts';

export interface ConfineRequest {
  readonly setup: SetupRequest;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  /** Files that are written besides those that the configuration names. */
  readonly writes?: readonly string[];
  /** Whether events of the kernel are watched; yes, unless stated. */
  readonly watchesKernel?: (config: Config) => boolean;
  /** Whether this configuration watches live at all; yes, unless stated. */
  readonly isLive?: (config: Config) => boolean;
  /**
   * Starts, with all privileges, what acts on this machine. Gives the descriptor of the connection to it, which stays open
   * in the program that takes this one's place.
   */
  readonly startHands?: (config: Config) => Promise<number | undefined>;
  /** Have the kernel count how long its programs run, which later nothing would be left for. */
  readonly countsRunTimes?: boolean;
}

/** In the environment of the program that took this one's place: its process id. */
const MARK = 'PEREGRINE_CONFINED';
const WRITES_ANYWHERE = capabilitySet(['CAP_DAC_OVERRIDE']);

/**
 * Returns when this process has no more than it needs, which may be in the program that took its place; where it
 * cannot watch at all, or is told to keep everything, at once. Throws a Fault where privileges cannot be given up.
 */
export async function confine(request: ConfineRequest): Promise<Confinement> {
  const isAnew = process.env[MARK] === String(process.pid);
  delete process.env[MARK];
  if (process.platform !== 'linux') return unconfined(undefined);
  const { configFile } = request.setup;
  if (configFile !== undefined && statSync(configFile, { throwIfNoEntry: false })?.isFile() === false)
    return keepAll(request, `\`${configFile}\` is no file, and can be read only once`);
  const config = await readConfig(request.setup);
  // Whoever reads it next tells what is wrong with it.
  if (config === undefined || !(request.isLive?.(config) ?? true)) return unconfined(undefined);
  const settings = JSON.stringify(config.privileges);
  if (!config.privileges.drop) return unconfined('`privileges.drop` is off', settings);

  const calls = openPrivilegeCalls();
  const status = readOwnStatus();
  const account =
    config.privileges.user === '' ? undefined : findAccount(config.privileges.user, readAccountFiles());
  const watchesKernel = request.watchesKernel?.(config) ?? true;
  const needed = neededFor(needsOfRequest(request, { config, watchesKernel, status, calls, account }));
  const holding = holdingOf(needed, status.permitted);
  // Nothing works then; whoever loads the probe says so.
  if (holding.missing.some(isVital)) return unconfined(undefined);
  const forPrograms = capabilitySet(config.privileges.keep) & status.permitted;
  const goal = startSet(holding) | forPrograms;
  const allowed = isAnew ? goal | capabilitySet(neededCapabilities.map(({ name }) => name)) : goal;
  if (request.countsRunTimes && !isAnew) calls.keepOpen(countRunTimesForGood());
  if (isConfinedTo(status, allowed, account)) return confinementOf(config, holding, forPrograms, settings);
  if (isAnew)
    throw notDropped(
      'privileges were given up, and are still there',
      'the kernel or a security module keeps them',
    );

  // What takes more than is left afterwards, and what ends with this program unless it is told to stay.
  if (watchesKernel) buildProbe();
  const hands = await request.startHands?.(config);
  flushCompileCache();
  throw startAnew(calls, status, { goal, account: account?.uid === status.uid ? undefined : account, hands });
}

/** Throws a Fault where another user was asked for on the command line: that is no case for a warning. */
function keepAll({ setup }: ConfineRequest, why: string): Confinement {
  if (setup.overrides.some((override) => override.startsWith('privileges.user=')))
    throw notDropped(`${why}, which changing the user takes twice`, 'put the configuration into a file');
  return unconfined(why);
}

function isVital({ without }: NeededCapability): boolean {
  return without === undefined;
}

function isConfinedTo(status: ProcessStatus, allowed: CapabilitySet, account: Account | undefined): boolean {
  const isUser = account === undefined || account.uid === status.uid;
  return isUser && status.hasNoNewPrivileges && (status.permitted & ~allowed) === noCapabilities;
}

interface Asking {
  readonly config: Config;
  readonly watchesKernel: boolean;
  readonly status: ProcessStatus;
  readonly calls: PrivilegeCalls;
  readonly account: Account | undefined;
}

function needsOfRequest(
  { hostRoot, writes = [] }: ConfineRequest,
  { config, watchesKernel, status, calls, account }: Asking,
): ReturnType<typeof needsOf> {
  const { permitted, inheritable } = status;
  const use = (effective: CapabilitySet): Refusal =>
    calls.setCapabilities({ effective, permitted, inheritable });
  const parts = { config, hostRoot, writes, watchesKernel };
  // Whoever names a user wants that user's rights to count.
  if (account !== undefined) return needsOf({ ...parts, canWrite: () => true });
  use(permitted & ~WRITES_ANYWHERE);
  try {
    return needsOf({ ...parts, canWrite: calls.canWrite });
  } finally {
    use(permitted);
  }
}

function confinementOf(
  config: Config,
  holding: Holding,
  forPrograms: CapabilitySet,
  settings: string,
): Confinement {
  return {
    isOn: true,
    kept: { main: keptSet(holding, ['main']) | forPrograms, sensor: keptSet(holding, ['sensor']) },
    forPrograms,
    canExecute: config.program_output.enabled,
    settings,
    notes: holding.missing.map(({ name, without }) => ({
      level: 'warning',
      text: `${name} is missing: ${without}`,
    })),
  };
}

/** The program anew in this one's place. Gives what went wrong, if it did. */
function startAnew(
  calls: PrivilegeCalls,
  { permitted }: ProcessStatus,
  { goal, account, hands }: { goal: CapabilitySet; account: Account | undefined; hands: number | undefined },
): Fault {
  // Without the right to, what bounds a container bounds this program as well.
  calls.boundTo(goal);
  const refusal =
    (account === undefined ? undefined : calls.setUser(account)) ??
    calls.setCapabilities({ effective: permitted, permitted, inheritable: goal }) ??
    calls.raiseAmbient(goal);
  if (refusal !== undefined) {
    const hint =
      account === undefined ? undefined : 'changing the user takes CAP_SETUID and CAP_SETGID at the start';
    return notDropped(refusal, hint);
  }
  // The same.
  calls.lockSecureBits();
  const last =
    calls.setCapabilities({ effective: goal, permitted: goal, inheritable: goal }) ??
    calls.setNoNewPrivileges();
  if (last !== undefined) return notDropped(last, undefined);
  const kept = hands === undefined ? [] : [hands];
  for (const fd of [...inheritedDescriptors(process.argv), ...kept]) calls.keepOpen(fd);
  const marks = [`${MARK}=${process.pid}`, ...kept.map(inheritance)];
  const failure = calls.execute(
    process.execPath,
    readFileSync('/proc/self/cmdline'),
    Buffer.concat([readFileSync('/proc/self/environ'), Buffer.from(`${marks.join('\0')}\0`)]),
  );
  return notDropped(`cannot run \`${process.execPath}\` again: ${failure}`, undefined);
}

/** Standard ones, and those that the command line names, as `/dev/fd/63`. */
export function inheritedDescriptors(given: readonly string[]): readonly number[] {
  const named = given.flatMap((text) => [...text.matchAll(/\/(?:dev|proc\/self)\/fd\/(\d{1,6})(?!\d)/g)]);
  return [...new Set([0, 1, 2, ...named.map(([, digits]) => Number(digits))])];
}

function notDropped(reason: string, hint: string | undefined): Fault {
  return new Fault('privileges-not-dropped', `privileges cannot be given up: ${reason}`, {
    hint: hint ?? '`-o privileges.drop=false` starts it with all of them',
  });
}
