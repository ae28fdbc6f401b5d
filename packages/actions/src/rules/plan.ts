/** Rules of responses, checked: what is left to do for each alert is to compare. */

import type { HubAlert } from '@peregrine/alert';
import type { Span } from '@peregrine/base';
import type { Action, Platform } from '../action.ts';
import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import type { MatchPart } from './match.ts';

export type AdditionalContext = 'aws' | 'k8snode';

export interface PlannedOutput {
  readonly store: ArtifactStore;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface PlannedStep {
  /** In the rule; that of what it does, where it has none. */
  readonly name: string;
  /** As conditions of later steps call it. */
  readonly slug: string;
  readonly action: Action;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The parameters as written, for context and audit. */
  readonly parametersText: string;
  readonly output: PlannedOutput | undefined;
  readonly contexts: readonly AdditionalContext[];
  /** Whether the next step runs after this one went well. */
  readonly continues: boolean;
  /** Whether it runs after this one did not. */
  readonly ignoresErrors: boolean;
  /** `undefined`: always. Asked with the results of earlier steps among the fields. */
  readonly when: { readonly text: string; readonly holds: (alert: HubAlert) => boolean } | undefined;
  readonly timeoutMs: number;
  readonly needsApproval: boolean;
  readonly undoAfterMs: number | undefined;
  /** `undefined`: that of the configuration. */
  readonly cooldownMs: number | undefined;
  readonly isDryRun: boolean;
}

export interface PlannedRule {
  readonly name: string;
  readonly description: string;
  readonly span: Span | undefined;
  /** All of them hold. */
  readonly parts: readonly MatchPart[];
  readonly steps: readonly PlannedStep[];
  /** Whether later rules are looked at. */
  readonly continues: boolean;
  readonly isDryRun: boolean;
  readonly notifiers: readonly string[];
}

export interface ResponsePlan {
  readonly rules: readonly PlannedRule[];
}

/** The rules for an alert, in their order, as far as one of them ends it. */
export function rulesFor(plan: ResponsePlan, alert: HubAlert): readonly PlannedRule[] {
  const found: PlannedRule[] = [];
  for (const rule of plan.rules) {
    if (!rule.parts.every((part) => part.holds(alert))) continue;
    found.push(rule);
    if (!rule.continues) break;
  }
  return found;
}

/** Where the rules act. */
export function platformsOf({ rules }: ResponsePlan): ReadonlySet<Platform> {
  return new Set(rules.flatMap(({ steps }) => steps.map(({ action }) => action.platform)));
}

/** `Label the pod`: `label_the_pod`. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '');
}
