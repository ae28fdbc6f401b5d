/** What a responder, and the steps that it runs, are given from outside. */

import type { HubAlert } from '@peregrine/alert';
import type { Action, ActionPorts } from '../action.ts';
import type { AdditionalContext } from '../rules/plan.ts';
import type { Ledger } from './ledger.ts';
import type { RunRecord } from './run-record.ts';
import type { ResponderSettings } from './settings.ts';

export interface ResponderOptions {
  readonly settings: ResponderSettings;
  readonly ledger: Ledger;
  readonly ports: ActionPorts;
  /** These change nothing. */
  readonly dryPorts: ActionPorts;
  /** What an additional context tells about an alert; rejects where it cannot. */
  readonly contextOf: (
    context: AdditionalContext,
    alert: HubAlert,
    signal: AbortSignal,
  ) => Promise<Readonly<Record<string, string>>>;
  /** The hub's settings of a store of files, by the name of their section. */
  readonly storeSettings: (section: string) => Readonly<Record<string, unknown>>;
  /** A run is over or waits for approval. `names` are those of whom to tell. */
  readonly notify: (run: RunRecord, names: readonly string[]) => void;
  readonly log: (level: 'error' | 'warning' | 'info', message: string) => void;
  readonly actionNamed: (name: string) => Action | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Milliseconds from any start, never backwards. */
  readonly monotonicMs: () => number;
  readonly newId: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
}
