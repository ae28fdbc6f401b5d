/** Where decisions are written down, so that they outlive the program. */

import type { RunPage, RunQuery, RunState, StoredRun } from './run-record.ts';

export interface Ledger {
  /** All of them, or none. */
  insert(runs: readonly StoredRun[]): void;
  update(id: string, change: Partial<StoredRun>): void;
  /** What was written is on the disk when this returns. */
  flush(): void;
  get(id: string): StoredRun | undefined;
  /** Of one response, in the order of its steps; empty when the alert has led to none of that rule. */
  stepsOf(alertUuid: string, rule: string): readonly StoredRun[];
  /** Whether something was decided about the alert. */
  hasAlert(alertUuid: string): boolean;
  find(query: RunQuery): RunPage;
  count(states: readonly RunState[]): number;
  /** Oldest first. */
  inStates(states: readonly RunState[]): readonly StoredRun[];
  /** Done, with a time to take it back. */
  toUndo(): readonly StoredRun[];
  /** One more alert asked for the same. */
  noteRepeat(id: string, alertUuid: string): void;
  close(): void;
}
