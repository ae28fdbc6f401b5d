/** What the hub does about alerts: rules and limits, what was decided of each alert, approving, denying, taking back. */

import { z } from 'zod';
import { fieldValue } from './alerts.ts';
import { pageFields, priority, time } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Response';
const count = z.number().int();
const uuid = z.string().max(64);

export const runState = z.enum([
  'queued',
  'waiting',
  'begun',
  'done',
  'unchanged',
  'dry-run',
  'held',
  'skipped',
  'refused',
  'failed',
  'unknown',
  'denied',
  'expired',
  'undone',
]);

const change = z.object({
  object: z.string().describe('What is not as it was: `pod default/alpine`, `file /tmp/x`.'),
  part: z.string().nullable().describe('What of it: `label suspicious`; `null`: all of it.'),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

export const run = z.object({
  id: z.string(),
  alertUuid: z.string(),
  alertRule: z.string(),
  alertPriority: priority,
  alertTime: time,
  alertOutput: z.string(),
  hostname: z.string().describe('Machine that the alert came from; may be empty.'),
  rule: z.string().describe('The response rule.'),
  step: count.describe('Place of the action in its rule, from 0.'),
  action: z.string().describe('Its name in the rule.'),
  actionner: z.string().describe('What it does: `kubernetes:terminate`.'),
  target: z.string().describe('`pod default/alpine`; empty without one.'),
  namespace: z.string().nullable(),
  node: z.string().nullable(),
  state: runState,
  summary: z.string().describe('What was done, or why not.'),
  changes: z.array(change),
  canBeUndone: z.boolean().describe('Now.'),
  undoTime: time.nullable().describe('When it is taken back without being asked.'),
  decidedTime: time,
  begunTime: time.nullable(),
  endedTime: time.nullable(),
  attemptCount: count,
  repeatCount: count.describe(
    'Later alerts that asked for the same on the same target, and were counted here.',
  ),
  approval: z
    .object({
      expiresTime: time,
      by: z
        .string()
        .nullable()
        .describe('Who decided: a user, or `link` with an address; `null`: nobody yet.'),
      decidedTime: time.nullable(),
    })
    .nullable()
    .describe('`null`: nobody is asked.'),
  artifact: z.string().nullable().describe('Where the file went that it gave.'),
  undoneBy: z.string().nullable(),
  results: z.record(z.string(), fieldValue),
});
export type Run = z.infer<typeof run>;

export const responseRule = z.object({
  name: z.string(),
  description: z.string(),
  isDryRun: z.boolean(),
  place: z.string().describe('Where it is written: `response.yaml:12`.'),
  matches: z.array(z.string()).describe('What it matches, one condition each.'),
  actions: z.array(
    z.object({
      name: z.string(),
      actionner: z.string(),
      needsApproval: z.boolean(),
      canBeUndone: z.boolean(),
    }),
  ),
  matchCount: count.describe('Alerts that it matched since the start.'),
  lastMatchTime: time.nullable(),
});
export type ResponseRule = z.infer<typeof responseRule>;

export const limitUse = z.object({
  what: z.string().describe('`all actions`, `kubernetes:terminate`.'),
  scope: z.string().describe('`each namespace`, `each node`, `everywhere`.'),
  where: z.string().describe('The one that used most of it; may be empty.'),
  usedCount: count,
  mostCount: count,
  windowMs: z.number(),
  heldCount: count.describe('Decisions that it held since the start.'),
});
export type LimitUse = z.infer<typeof limitUse>;

export const responseStatus = z.object({
  isConfigured: z.boolean().describe('Whether this hub has response rules; without, the rest is empty.'),
  isDryRun: z.boolean(),
  rules: z.array(responseRule),
  limits: z.array(limitUse),
  protections: z.array(z.string()).describe('`namespace kube-system`, `label app=falco`, `pid 1`.'),
  counts: z.array(z.object({ state: runState, count })).describe('Since the start.'),
  waitingCount: count,
  isLeading: z.boolean().describe('Whether this hub acts; otherwise another one does.'),
  leader: z.string().nullable(),
  kubernetesTrouble: z.string().nullable().describe('Why nothing can be done at Kubernetes right now.'),
  hostTrouble: z.string().nullable().describe('Why nothing can be done on this machine right now.'),
});
export type ResponseStatus = z.infer<typeof responseStatus>;

export const explanation = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      matches: z.boolean(),
      parts: z
        .array(z.object({ text: z.string(), holds: z.boolean(), found: z.string() }))
        .describe('Each part of what the rule matches, and what the alert has there.'),
      actions: z.array(
        z.object({
          name: z.string(),
          actionner: z.string(),
          verdict: z.string().describe('`would run`, or why not.'),
          target: z.string(),
        }),
      ),
    }),
  ),
});
export type Explanation = z.infer<typeof explanation>;

const noResponse = 'This hub has no response rules.';
const decided = {
  404: `There is no such run, or no longer. ${noResponse}`,
  409: 'It is not in a state that allows it.',
};

export const responseOperations = {
  getResponse: defineOperation({
    method: 'GET',
    path: '/response',
    role: 'viewer',
    tag,
    doc: 'Response rules, limits and their use, protections, and whether this hub acts.',
    answer: responseStatus,
  }),
  listResponseRuns: defineOperation({
    method: 'GET',
    path: '/response/runs',
    role: 'viewer',
    tag,
    doc: 'What was decided, one run for each action of each response to an alert; newest first.',
    query: z.object({
      ...pageFields,
      state: z.array(runState).max(runState.options.length).optional().describe('Repeatable.'),
      rule: z.string().max(512).optional().describe('Name of a response rule.'),
      alert: uuid.optional().describe('UUID of an alert that led to it, or was counted at it.'),
      text: z
        .string()
        .max(1_024)
        .optional()
        .describe('Part of rule, action, target or summary; letter case does not count.'),
    }),
    answer: z.object({
      isConfigured: z.boolean().describe('Whether this hub has response rules.'),
      runs: z.array(run),
      next: z.string().nullable(),
    }),
  }),
  getResponseRun: defineOperation({
    method: 'GET',
    path: '/response/runs/{id}',
    role: 'viewer',
    tag,
    doc: 'One run.',
    answer: run,
    failures: { 404: decided[404] },
  }),
  approveRun: defineOperation({
    method: 'POST',
    path: '/response/runs/{id}/approve',
    role: 'responder',
    tag,
    doc: 'Approves a run that waits. It is answered when that is decided, not when the action is over.',
    answer: run,
    failures: decided,
  }),
  denyRun: defineOperation({
    method: 'POST',
    path: '/response/runs/{id}/deny',
    role: 'responder',
    tag,
    doc: 'Says no to a run that waits.',
    answer: run,
    failures: decided,
  }),
  undoRun: defineOperation({
    method: 'POST',
    path: '/response/runs/{id}/undo',
    role: 'responder',
    tag,
    doc: 'Takes back what a run did. The answer tells whether that could be done.',
    answer: run,
    failures: decided,
  }),
  explainResponse: defineOperation({
    method: 'POST',
    path: '/response/explain',
    role: 'viewer',
    tag,
    doc: 'What would be done about an alert that is kept, and why not; nothing is done.',
    body: z.object({ alert: uuid.describe('Its id or UUID.') }),
    answer: explanation,
    failures: {
      404: `There is no such alert, or no longer. ${noResponse}`,
      422: 'The alert cannot be looked at.',
    },
  }),
  streamResponse: defineOperation({
    method: 'GET',
    path: '/response/stream',
    role: 'viewer',
    tag,
    doc: 'Runs as they change (server-sent events: `run`, with the run as data). A `behind` event tells a reader that is too slow that it missed some, and has to ask anew.',
    answer: { contentTypes: ['text/event-stream'] },
    failures: { 404: noResponse },
  }),
};
