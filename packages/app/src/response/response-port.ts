/** The responder as the web interface and the command line see it. */

import type { LimitReading, OrderAnswer, RunPage, RunQuery, RunRecord, RunState } from '@peregrine/actions';

/** One rule, as the page lists it. */
export interface ResponseRuleFacts {
  readonly name: string;
  readonly description: string;
  readonly isDryRun: boolean;
  /** Where it is written: `response.yaml:12`. */
  readonly place: string;
  /** What it matches, for people, one condition each. */
  readonly matches: readonly string[];
  readonly actions: readonly {
    readonly name: string;
    readonly actionner: string;
    readonly needsApproval: boolean;
    readonly canBeUndone: boolean;
  }[];
  /** Alerts that it matched since the start. */
  readonly matchCount: number;
  readonly lastMatchMs: number | undefined;
}

export interface ResponseStatus {
  readonly isDryRun: boolean;
  readonly rules: readonly ResponseRuleFacts[];
  readonly limits: readonly LimitReading[];
  /** `namespace kube-system`, `label app=falco`, `pid 1`. */
  readonly protections: readonly string[];
  /** Since the start. */
  readonly countByState: Readonly<Partial<Record<RunState, number>>>;
  readonly waitingCount: number;
  /** Whether this hub acts: false where another replica leads. `leader` is its name. */
  readonly isLeading: boolean;
  readonly leader: string | undefined;
  /** Why nothing can be done at Kubernetes, or on this machine, right now; absent: nothing is known to be wrong. */
  readonly kubernetesTrouble: string | undefined;
  readonly hostTrouble: string | undefined;
}

export type { OrderAnswer, RunPage, RunQuery };

export interface ResponsePort {
  status(): ResponseStatus;
  runs(query: RunQuery): RunPage;
  run(id: string): RunRecord | undefined;
  /** Resolves when it was decided, not when the action is over. */
  approve(id: string, by: string): Promise<OrderAnswer>;
  deny(id: string, by: string): Promise<OrderAnswer>;
  /** Resolves when it was taken back, or could not be. */
  undo(id: string, by: string): Promise<OrderAnswer>;
  /** What would be done about an alert now, and why not; nothing is. */
  explain(alertJson: string): ResponseExplanation | { readonly problem: string };
  /** Called at each change of a run, until the function that it gives is called. */
  onChange(listener: (run: RunRecord) => void): () => void;
}

export interface ResponseExplanation {
  readonly rules: readonly {
    readonly name: string;
    readonly matches: boolean;
    /** Of each part of `match` and `when`, whether it holds, and what the alert has. */
    readonly parts: readonly { readonly text: string; readonly holds: boolean; readonly found: string }[];
    readonly actions: readonly {
      readonly name: string;
      readonly actionner: string;
      /** `would run`, or why not. */
      readonly verdict: string;
      readonly target: string;
    }[];
  }[];
}
