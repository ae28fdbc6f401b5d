/** What is written down of each decision: one record for each action of each response to an alert. */

import type { HubValue, Priority } from '@peregrine/alert';
import type { JsonObject } from '@peregrine/base';
import type { Change } from '../action.ts';

/** How it stands with a decision. */
export const runStates = {
  queued: 'It waits for its turn.',
  waiting: 'Somebody has to approve it.',
  begun: 'It is running, or was when the program ended.',
  done: 'It was done.',
  unchanged: 'Nothing had to be done.',
  'dry-run': 'It would have been done.',
  held: 'A limit, a protection or a cool-down kept it from being done.',
  skipped: 'An earlier step, or its own condition, kept it from being done.',
  refused: 'It cannot be done: the target, the API server or the machine says no.',
  failed: 'It was tried as often as it may, and not done.',
  unknown: 'It was begun, and nobody knows whether it was done.',
  denied: 'Somebody said no.',
  expired: 'Nobody approved it in time.',
  undone: 'It was done, and taken back.',
} as const satisfies Readonly<Record<string, string>>;
export type RunState = keyof typeof runStates;

/** Where an approval stands, or stood. */
export interface Approval {
  /** Milliseconds since the epoch. */
  readonly expiresMs: number;
  /** Name of the user, or `link` with its holder's address; absent while it waits. */
  readonly by?: string;
  readonly decidedMs?: number;
}

/** Times are milliseconds since the epoch. */
export interface RunRecord {
  /** A UUID. */
  readonly id: string;
  readonly alertUuid: string;
  /** Rule of the alert. */
  readonly alertRule: string;
  readonly alertPriority: Priority;
  readonly alertTime: string;
  readonly alertOutput: string;
  /** Machine that the alert came from; may be empty. */
  readonly hostname: string;
  /** The response rule. */
  readonly rule: string;
  /** Place of the action in its rule, counted from 0. */
  readonly step: number;
  /** Name of the action in the rule. */
  readonly action: string;
  /** What it does: `kubernetes:terminate`. */
  readonly actionner: string;
  /** `pod default/alpine`; empty where it has none, or the alert does not tell. */
  readonly target: string;
  readonly namespace: string | undefined;
  readonly node: string | undefined;
  readonly state: RunState;
  /** What was done, or why not. */
  readonly summary: string;
  readonly changes: readonly Change[];
  /** Whether it can be taken back now. */
  readonly canBeUndone: boolean;
  /** When it is taken back without being asked; absent: never. */
  readonly undoAtMs: number | undefined;
  readonly decidedMs: number;
  readonly begunMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly attemptCount: number;
  /** Later alerts that asked for the same on the same target, and were counted here. */
  readonly repeatCount: number;
  readonly approval: Approval | undefined;
  /** Where the file went that it gave. */
  readonly artifact: string | undefined;
  /** Who took it back. */
  readonly undoneBy: string | undefined;
  readonly results: Readonly<Record<string, HubValue>>;
}

export interface RunQuery {
  readonly states?: readonly RunState[] | undefined;
  /** Name of a response rule. */
  readonly rule?: string | undefined;
  /** Runs that the alert led to, or was counted at. */
  readonly alertUuid?: string | undefined;
  /** Text that rule, action, target or summary contain, whatever the letter case. */
  readonly text?: string | undefined;
  readonly limit: number;
  /** What the page before gave as `next`. */
  readonly after?: string | undefined;
}

export interface RunPage {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** `undefined`: that was the last page. */
  readonly next: string | undefined;
}

/** What the ledger has beside it, for whoever carries on after a restart. */
export interface StoredRun extends RunRecord {
  readonly undo: JsonObject | undefined;
  /** Of the target when it was first looked at, where it has one: another of the same name is not it. */
  readonly targetUid: string | undefined;
  /** JSON of the alert. */
  readonly alertJson: string;
}

/** Without what is nobody's affair but the responder's. */
export function publicOf({
  undo: _undo,
  alertJson: _alertJson,
  targetUid: _uid,
  ...run
}: StoredRun): RunRecord {
  return run;
}
