/** What the API shows of runs, rules and limits. */

import type { RunRecord } from '@peregrine/actions';
import type { Explanation, LimitUse, ResponseRule, ResponseStatus, Run } from '@peregrine/api/contract';
import { fieldShape } from '../../ui/shapes.ts';
import type { ResponseExplanation, ResponseRuleFacts, ResponseStatus as Status } from '../response-port.ts';

const timeText = (ms: number): string => new Date(ms).toISOString();
const timeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : timeText(ms));

export function runShape(record: RunRecord): Run {
  const { id, alertUuid, alertRule, alertPriority, alertTime, alertOutput, hostname, approval } = record;
  const { rule, step, action, actionner, target, state, summary, canBeUndone } = record;
  return {
    ...{ id, alertUuid, alertRule, alertPriority, alertTime, alertOutput, hostname },
    ...{ rule, step, action, actionner, target, state, summary, canBeUndone },
    attemptCount: record.attemptCount,
    repeatCount: record.repeatCount,
    namespace: record.namespace ?? null,
    node: record.node ?? null,
    changes: record.changes.map(({ object, part, before, after }) => ({
      object,
      part: part ?? null,
      before: before ?? null,
      after: after ?? null,
    })),
    undoTime: timeOrNull(record.undoAtMs),
    decidedTime: timeText(record.decidedMs),
    begunTime: timeOrNull(record.begunMs),
    endedTime: timeOrNull(record.endedMs),
    approval:
      approval === undefined
        ? null
        : {
            expiresTime: timeText(approval.expiresMs),
            by: approval.by ?? null,
            decidedTime: timeOrNull(approval.decidedMs),
          },
    artifact: record.artifact ?? null,
    undoneBy: record.undoneBy ?? null,
    results: Object.fromEntries(
      Object.entries(record.results).map(([name, value]) => [name, fieldShape(value)]),
    ),
  };
}

/** Of a hub that has no response rules. */
export const withoutResponse: ResponseStatus = {
  ...{ isConfigured: false, isDryRun: false, rules: [], limits: [], protections: [], counts: [] },
  ...{ waitingCount: 0, isLeading: false, leader: null, kubernetesTrouble: null, hostTrouble: null },
};

export function statusShape(status: Status, states: readonly Run['state'][]): ResponseStatus {
  const { isDryRun, waitingCount, isLeading, leader, kubernetesTrouble, hostTrouble } = status;
  return {
    ...{ isConfigured: true, isDryRun, waitingCount, isLeading },
    rules: status.rules.map(ruleShape),
    limits: status.limits.map((limit): LimitUse => ({ ...limit })),
    protections: [...status.protections],
    counts: states.flatMap((state) => {
      const count = status.countByState[state] ?? 0;
      return count === 0 ? [] : [{ state, count }];
    }),
    leader: leader ?? null,
    kubernetesTrouble: kubernetesTrouble ?? null,
    hostTrouble: hostTrouble ?? null,
  };
}

function ruleShape({ lastMatchMs, matches, actions, ...rest }: ResponseRuleFacts): ResponseRule {
  return {
    ...rest,
    matches: [...matches],
    actions: actions.map((action) => ({ ...action })),
    lastMatchTime: timeOrNull(lastMatchMs),
  };
}

export function explanationShape({ rules }: ResponseExplanation): Explanation {
  return {
    rules: rules.map(({ name, matches, parts, actions }) => ({
      ...{ name, matches },
      parts: parts.map((part) => ({ ...part })),
      actions: actions.map((action) => ({ ...action })),
    })),
  };
}
