/** A process of the machine that the alert came from. */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import type { JsonObject } from '@peregrine/base';
import { inspectThrough } from '../host/ask-hands.ts';
import type { Found, TargetKind } from './target.ts';

export interface ProcessTarget {
  readonly hostname: string;
  readonly pid: number;
  /** When it was seen to do something, milliseconds since the epoch. */
  readonly seenMs: number;
  /** When it started, milliseconds since the epoch; 0: the alert does not tell. */
  readonly startedMs: number;
  /** Path, as it sees it; empty: the alert does not tell. */
  readonly program: string;
  readonly name: string;
  /** Empty where it is in none. */
  readonly container: string;
}

/** What alerts say of processes that are in no container. */
const NO_CONTAINER = 'host';
const MOST_PID = 4_194_304;

export const processTarget: TargetKind<ProcessTarget> = {
  name: 'process',
  doc: 'The process that did it, on the machine that the alert came from. With `proc.pid.ts` it is known by its start, else by its program or name and by having started before the alert.',
  fields: ['proc.pid', 'proc.pid.ts', 'proc.exepath', 'proc.name', 'container.id'],
  find: findProcess,
  keyOf: ({ hostname, pid, startedMs }) =>
    `process ${pid} on ${hostname}${startedMs === 0 ? '' : `, started ${new Date(startedMs).toISOString()}`}`,
  factsOf: ({ hostname, pid }) => ({ node: hostname, pid }),
  inspect: (target, ports, signal) =>
    inspectThrough({ ports, hostname: target.hostname, deed: 'look', data: processDataOf(target), signal }),
};

export function findProcess(alert: HubAlert): Found<ProcessTarget> {
  const { fields, hostname, timeNs } = alert;
  if (hostname === '') return { kind: 'missing', reason: 'the alert does not say which machine it is of' };
  const pid = Number(textIn(fields, 'proc.pid'));
  if (!Number.isInteger(pid) || pid < 1 || pid > MOST_PID)
    return {
      kind: 'missing',
      reason: 'the alert has no `proc.pid`; put `%proc.pid` into the output of the rule',
    };
  const container = textIn(fields, 'container.id');
  return {
    kind: 'found',
    target: {
      ...{ hostname, pid },
      seenMs: Number(timeNs) / 1e6,
      startedMs: millisecondsOf(textIn(fields, 'proc.pid.ts')),
      program: textIn(fields, 'proc.exepath'),
      name: textIn(fields, 'proc.name'),
      container: container === NO_CONTAINER ? '' : container,
    },
  };
}

/** As deeds take it. */
export function processDataOf(target: ProcessTarget): JsonObject {
  const { pid, seenMs, startedMs, program, name, container } = target;
  return { ...{ pid, program, name, container }, seen_ms: seenMs, started_ms: startedMs };
}

/** Fields that have no value are empty, or say so. */
export function textIn(fields: HubAlert['fields'], name: string): string {
  const text = textOfValue(fields[name] ?? null);
  return text === '<NA>' ? '' : text;
}

function millisecondsOf(nanoseconds: string): number {
  return /^\d{1,19}$/.test(nanoseconds) ? Number(BigInt(nanoseconds)) / 1e6 : 0;
}
