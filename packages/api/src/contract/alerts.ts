/** Alerts, incidents, triage, views. */

import { z } from 'zod';
import { done, filterQuery, name, pageFields, priority, time, triageState } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Alerts';

/** Values keep their digits: a number that JavaScript cannot hold comes as `{"$number": "1610667584834631763"}`. */
export const fieldValue: z.ZodType<FieldValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.object({ $number: z.string() }),
    z.array(fieldValue),
    z.record(z.string(), fieldValue),
  ]),
);
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | { readonly $number: string }
  | FieldValue[]
  | { [key: string]: FieldValue };

export const alert = z.object({
  id: z.string(),
  uuid: z.string(),
  time,
  priority,
  rule: z.string(),
  source: z.string(),
  hostname: z.string(),
  tags: z.array(z.string()),
  output: z.string().describe('Without the time and the priority that Falco puts in front.'),
  fields: z.record(z.string(), fieldValue),
  state: triageState,
  assignee: z.string().nullable(),
  incidentId: z.string(),
  mark: z.string().nullable().describe('Why it was sent to no output: `silence NAME`, `noise NAME`.'),
});
export type Alert = z.infer<typeof alert>;

export const incident = z.object({
  id: z.string(),
  rule: z.string(),
  source: z.string(),
  workload: z.string(),
  hostname: z.string(),
  priority,
  firstTime: time,
  lastTime: time,
  count: z.number().int(),
  state: triageState,
  assignee: z.string().nullable(),
  output: z.string(),
});
export type Incident = z.infer<typeof incident>;

const storyProcess = z.object({
  pid: z.number().int(),
  name: z.string(),
  exePath: z.string(),
  cmdline: z.string(),
  user: z.string(),
  startTime: time.optional(),
  containerId: z.string().optional(),
  isGone: z.boolean().optional(),
});
export type StoryProcess = z.infer<typeof storyProcess>;

const storyEvent = z.object({
  time,
  type: z.string(),
  pid: z.number().int(),
  processName: z.string(),
  text: z.string(),
  isAlert: z.boolean().optional(),
});
export type StoryEvent = z.infer<typeof storyEvent>;

export const storyTerm: z.ZodType<StoryTerm> = z.lazy(() =>
  z.object({
    holds: z.boolean(),
    text: z.string(),
    value: z.string().optional(),
    terms: z.array(storyTerm).optional(),
  }),
);
export interface StoryTerm {
  holds: boolean;
  text: string;
  value?: string | undefined;
  terms?: StoryTerm[] | undefined;
}

export const story = z.object({
  process: storyProcess.optional(),
  ancestors: z.array(storyProcess).describe('Nearest first.'),
  siblings: z.array(storyProcess),
  children: z.array(storyProcess),
  before: z.array(storyEvent),
  after: z.array(storyEvent),
  condition: storyTerm.optional().describe('The condition of the rule with what each part came to.'),
  note: z.string().optional(),
});
export type Story = z.infer<typeof story>;

export const note = z.object({ id: z.string(), time, user: z.string(), text: z.string() });
export type Note = z.infer<typeof note>;

export const alertDetail = z.object({
  alert,
  incident: incident.nullable(),
  /** `null`: the sensor told none, as Falco does. */
  story: story.nullable(),
  notes: z.array(note),
  json: z.string().describe('The alert as outputs get it.'),
});
export type AlertDetail = z.infer<typeof alertDetail>;

export const view = z.object({
  id: z.string(),
  name: z.string(),
  /** The part of the page's address after `?`. */
  query: z.string(),
  owner: z.string(),
  isShared: z.boolean(),
});
export type View = z.infer<typeof view>;

const timelineAnswer = z.object({
  from: time,
  bucketMs: z.number(),
  series: z.array(
    z.object({
      value: z.string().nullable().describe('`null`: all the others, or all alerts.'),
      counts: z.array(z.number().int()),
    }),
  ),
});
export type Timeline = z.infer<typeof timelineAnswer>;

const triageBody = z.object({
  alerts: z.array(z.string().max(64)).max(10_000).optional(),
  incidents: z.array(z.string().max(64)).max(10_000).optional(),
  filter: filterQuery.optional().describe('The incidents of all alerts that it finds.'),
  state: triageState.optional(),
  assignee: z.string().max(256).nullable().optional(),
  note: z.string().max(10_000).optional(),
});

export const alertOperations = {
  listAlerts: defineOperation({
    method: 'GET',
    path: '/alerts',
    role: 'viewer',
    tag,
    doc: 'Alerts, newest first.',
    query: filterQuery.extend(pageFields),
    answer: z.object({ alerts: z.array(alert), next: z.string().nullable() }),
  }),
  countAlerts: defineOperation({
    method: 'GET',
    path: '/alerts/count',
    role: 'viewer',
    tag,
    doc: 'How many there are.',
    query: filterQuery,
    answer: z.object({ count: z.number().int() }),
  }),
  groupAlerts: defineOperation({
    method: 'GET',
    path: '/alerts/groups',
    role: 'viewer',
    tag,
    doc: 'Counts by the values of a field, most frequent first.',
    query: filterQuery.extend({ by: name, limit: pageFields.limit }),
    answer: z.object({
      values: z.array(z.object({ value: z.string(), count: z.number().int() })),
      distinctCount: z.number().int(),
      total: z.number().int(),
    }),
  }),
  alertTimeline: defineOperation({
    method: 'GET',
    path: '/alerts/timeline',
    role: 'viewer',
    tag,
    doc: 'Counts over time; without a period, the last 24 hours.',
    query: filterQuery.extend({
      by: name.optional(),
      buckets: z.coerce.number().int().min(1).max(1_000).optional(),
      series: z.coerce.number().int().min(1).max(50).optional(),
    }),
    answer: timelineAnswer,
  }),
  exportAlerts: defineOperation({
    method: 'GET',
    path: '/alerts/export',
    role: 'viewer',
    tag,
    doc: 'All that the filter finds, as a file.',
    query: filterQuery.extend({
      format: z.enum(['json', 'jsonl', 'csv']),
      limit: z.coerce.number().int().min(1).max(1_000_000).optional(),
    }),
    answer: { contentTypes: ['application/json', 'application/x-ndjson', 'text/csv'] },
  }),
  streamAlerts: defineOperation({
    method: 'GET',
    path: '/alerts/stream',
    role: 'viewer',
    tag,
    doc: 'Alerts as they come (server-sent events: `alert`, with the alert as data). After `Last-Event-ID`, or `after`, it goes on without a gap; a `behind` event tells how many were left out for a reader that is too slow.',
    query: filterQuery.extend({ after: z.string().max(64).optional() }),
    answer: { contentTypes: ['text/event-stream'] },
  }),
  getAlert: defineOperation({
    method: 'GET',
    path: '/alerts/{id}',
    role: 'viewer',
    tag,
    doc: 'One alert by id or uuid, with all that is known of it.',
    answer: alertDetail,
    failures: { 404: 'There is none, or no longer.' },
  }),
  relatedAlerts: defineOperation({
    method: 'GET',
    path: '/alerts/{id}/related',
    role: 'viewer',
    tag,
    doc: 'Alerts of the same process, container or pod, and host, around its time.',
    query: z.object({ limit: pageFields.limit }),
    answer: z.object({
      groups: z.array(
        z.object({
          title: z.string(),
          where: z.array(z.string()),
          alerts: z.array(alert),
          total: z.number().int(),
        }),
      ),
    }),
  }),
  addAlertNote: defineOperation({
    method: 'POST',
    path: '/alerts/{id}/notes',
    role: 'responder',
    tag,
    doc: 'Adds a note to its incident.',
    body: z.object({ text: z.string().min(1).max(10_000) }),
    answer: note,
  }),
  listIncidents: defineOperation({
    method: 'GET',
    path: '/incidents',
    role: 'viewer',
    tag,
    doc: 'Incidents: alerts of the same rule and workload without a long pause between them.',
    query: z.object({
      ...pageFields,
      state: z.array(triageState).optional(),
      assignee: z.string().max(256).optional(),
      rule: z.string().max(1_024).optional(),
      minimumPriority: priority.optional(),
      priority: priority.optional().describe('Exactly that one.'),
      isUnassigned: z.literal('true').optional().describe('Only those that nobody looks after.'),
      since: z.string().max(16).optional(),
      text: z.string().max(1_024).optional(),
      order: z.enum(['urgent', 'latest', 'count']).optional(),
    }),
    answer: z.object({ incidents: z.array(incident), next: z.string().nullable() }),
  }),
  getIncident: defineOperation({
    method: 'GET',
    path: '/incidents/{id}',
    role: 'viewer',
    tag,
    doc: 'One incident with its notes.',
    answer: z.object({ incident, notes: z.array(note) }),
  }),
  triage: defineOperation({
    method: 'POST',
    path: '/triage',
    role: 'responder',
    tag,
    doc: 'Says what becomes of alerts or incidents. Exactly one of `alerts`, `incidents` and `filter`.',
    body: triageBody,
    answer: z.object({ changed: z.number().int() }),
  }),
  listViews: defineOperation({
    method: 'GET',
    path: '/views',
    role: 'viewer',
    tag,
    doc: "Saved views: one's own and those that are shared.",
    answer: z.object({ views: z.array(view) }),
  }),
  saveView: defineOperation({
    method: 'POST',
    path: '/views',
    role: 'viewer',
    tag,
    doc: 'Saves a view; one of the same name and owner is replaced.',
    body: z.object({ name, query: z.string().max(16_384), isShared: z.boolean() }),
    answer: view,
  }),
  removeView: defineOperation({
    method: 'DELETE',
    path: '/views/{id}',
    role: 'viewer',
    tag,
    doc: 'Removes a view of one’s own; administrators, any.',
    answer: done,
  }),
  listFields: defineOperation({
    method: 'GET',
    path: '/fields',
    role: 'viewer',
    tag,
    doc: 'Fields that alerts have, most frequent first; for completion.',
    answer: z.object({
      fields: z.array(
        z.object({
          name: z.string(),
          count: z.number().int(),
          type: z.enum(['text', 'number']),
          doc: z.string(),
        }),
      ),
      operators: z.array(z.object({ symbol: z.string(), doc: z.string() })),
    }),
  }),
  checkQuery: defineOperation({
    method: 'POST',
    path: '/query/check',
    role: 'viewer',
    tag,
    doc: 'What is wrong with a condition over alerts.',
    body: z.object({ q: z.string().max(8_192) }),
    answer: z.object({ problem: z.string().nullable() }),
  }),
};
