/**
 * The process that an alert is about, made sure of. Ids are given to others when processes end; a descriptor keeps the
 * process, and what `/proc` says is compared with what the alert says before anything is done to it.
 */

import { closeSync } from 'node:fs';
import { decimal, type Infer, integer, schema, text } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { type DeedWorld, refused, unchanged } from './deed.ts';
import {
  type ProcessFacts,
  programOf,
  readProcess,
  seesAllProcesses,
  startOf,
} from './linux/process-facts.ts';

/** What an alert says of a process. */
export const processKeys = {
  pid: integer({ min: 1, max: 4_194_304, doc: 'Its id, as the machine counts.' }),
  seen_ms: decimal({ doc: 'When it was seen to do something, milliseconds since the epoch.' }),
  started_ms: decimal({
    default: 0,
    doc: 'When it started, milliseconds since the epoch; 0 where that is not known.',
  }),
  program: text({ default: '', doc: 'Path of its program, as it sees it; empty where that is not known.' }),
  name: text({ default: '', doc: 'Its name; empty where that is not known.' }),
  container: text({ default: '', doc: 'Id of its container; empty where it is in none.' }),
};
const processData = schema(processKeys);
export type ProcessData = Infer<typeof processData>;

export interface KnownProcess {
  readonly kind: 'known';
  readonly facts: ProcessFacts;
  readonly pidfd: number;
}

export type Identified = KnownProcess | { readonly kind: 'not'; readonly outcome: ActionOutcome };

/** Clocks are read at different moments, and starts are rounded to 10 ms. */
const CLOCK_SLACK_MS = 100;
/** What says when a process started may have seen it late. */
const START_SLACK_MS = { early: 5_000, late: 500 };
/** Longest name that the kernel keeps, bytes. */
const MOST_NAME = 15;

/** The descriptor is the caller's to close. */
export function identify(data: ProcessData, world: DeedWorld): Identified {
  const { pid } = data;
  const not = (outcome: ActionOutcome): Identified => ({ kind: 'not', outcome });
  if (!seesAllProcesses())
    return not(
      refused(
        'only the processes of a container can be seen here; start Peregrine with those of the machine, as by `hostPID: true` or `--pid=host`',
      ),
    );
  const opened = world.calls.pidfdOpen(pid);
  if ('failure' in opened) {
    const { code, reason } = opened.failure;
    if (code === 'ESRCH') return not(unchanged(`process ${pid} has ended`));
    return not(refused(`process ${pid} cannot be taken hold of: ${reason}`));
  }
  const pidfd = opened.value;
  const facts = readProcess(pid);
  // What was read is of the process of the descriptor only if that is still there.
  const isThere = facts !== undefined && !facts.isEnded && !isGone(pidfd, world);
  const outcome = isThere ? whyNotIt(facts, data, world) : unchanged(`process ${pid} has ended`);
  if (facts !== undefined && outcome === undefined) return { kind: 'known', facts, pidfd };
  closeSync(pidfd);
  return not(outcome ?? unchanged(`process ${pid} has ended`));
}

function isGone(pidfd: number, { calls }: DeedWorld): boolean {
  const probed = calls.pidfdSignal(pidfd, 0);
  return 'failure' in probed && probed.failure.code === 'ESRCH';
}

function whyNotIt(facts: ProcessFacts, data: ProcessData, world: DeedWorld): ActionOutcome | undefined {
  const { pid } = facts;
  const protection = whyProtected(facts, world);
  if (protection !== undefined) return refused(protection);
  const startMs = startOf(facts, world.calls);
  if (startMs > data.seen_ms + CLOCK_SLACK_MS)
    return refused(`process ${pid} has ended, and another that started after the alert has its id`);
  if (data.started_ms > 0) {
    const lateMs = startMs - data.started_ms;
    if (lateMs <= START_SLACK_MS.late && lateMs >= -START_SLACK_MS.early) return undefined;
    return refused(`process ${pid} is another than that of the alert: it started at another time`);
  }
  return whyOtherProgram(facts, data);
}

/** Only where nothing better is known: a process may run another program, and have another name, by now. */
function whyOtherProgram({ pid, name }: ProcessFacts, data: ProcessData): ActionOutcome | undefined {
  const hint = 'with `proc.pid.ts` in the output of the rule, it is known by its start instead';
  const program = programOf(pid);
  if (data.program !== '' && program !== undefined)
    return program === data.program
      ? undefined
      : refused(`process ${pid} runs \`${program}\`, and that of the alert ran \`${data.program}\`; ${hint}`);
  if (data.name === '') return undefined;
  const known = Buffer.from(data.name).subarray(0, MOST_NAME).toString('latin1');
  return name === known
    ? undefined
    : refused(`process ${pid} is called \`${name}\`, and that of the alert \`${data.name}\`; ${hint}`);
}

/** Why nothing is done to this process, whatever rules say. */
export function whyProtected(
  { pid, isKernel }: Pick<ProcessFacts, 'pid' | 'isKernel'>,
  { settings, ownPids }: Pick<DeedWorld, 'settings' | 'ownPids'>,
): string | undefined {
  if (pid === 1) return 'process 1 is protected: without it, nothing runs';
  if (isKernel) return `process ${pid} is a thread of the kernel`;
  if (ownPids.includes(pid)) return `process ${pid} is Peregrine's own`;
  return settings.pids.includes(pid) ? `process ${pid} is protected: \`response.protected.pids\`` : undefined;
}
