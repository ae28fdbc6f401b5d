/** The first page: what needs attention, what there was, and what is new or unusual. */

import { z } from 'zod';
import { incident } from './alerts.ts';
import { filterQuery, priority, time } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Alerts';
const count = z.number().int();

/** Boundaries are those of buckets: the period is a little longer than what was asked for. */
const period = filterQuery.pick({ since: true, from: true, to: true });

export const overview = z.object({
  from: time,
  to: time,
  hasPrevious: z
    .boolean()
    .describe('Alerts of the whole period before are kept, so that it can be compared with.'),
  /** Open incidents of any age, the most urgent first. */
  open: z.array(
    z.object({
      priority,
      count,
      unassignedCount: count.describe('Nobody looks after them.'),
      latest: incident,
    }),
  ),
  counts: z.array(
    z.object({ priority, count, previousCount: count.describe('In the period before, of the same length.') }),
  ),
  timeline: z.object({
    bucketMs: z.number(),
    series: z.array(z.object({ priority, counts: z.array(count) })),
    previousCounts: z.array(count).describe('Of all priorities in the period before.'),
  }),
  tops: z.array(
    z.object({
      field: z.string(),
      title: z.string(),
      distinctCount: count,
      values: z.array(z.object({ value: z.string(), count, previousCount: count })),
    }),
  ),
  store: z.object({ alertCount: count, sizeBytes: z.number(), oldestTime: time.nullable() }),
});
export type Overview = z.infer<typeof overview>;

const named = { field: z.string(), value: z.string(), count };

export const unusual = z.object({
  periodMs: z.number(),
  earlierFrom: time.describe('What there was from then to the begin of the period is usual.'),
  earlierCount: count.describe('Earlier periods of the same length that it is compared with.'),
  /** Never seen in the time before, most frequent first. */
  fresh: z.array(z.object({ ...named, firstTime: time, rule: z.string().describe('Of its first alert.') })),
  /** Far above what is usual, and more than in any earlier period. */
  raised: z.array(
    z.object({
      ...named,
      usualCount: z.number().describe('Mean of the earlier periods.'),
      mostCount: count.describe('Most in any of them.'),
    }),
  ),
});
export type Unusual = z.infer<typeof unusual>;

export const overviewOperations = {
  getOverview: defineOperation({
    method: 'GET',
    path: '/overview',
    role: 'viewer',
    tag,
    doc: 'What needs attention, and what there was in a period (24 hours unless set) beside the one before.',
    query: period,
    answer: overview,
  }),
  getUnusual: defineOperation({
    method: 'GET',
    path: '/overview/unusual',
    role: 'viewer',
    tag,
    doc: 'Rules, namespaces, images, machines and sources that are new in a period (24 hours unless set), or far above their usual rate.',
    query: period,
    answer: unusual,
  }),
  streamArrivals: defineOperation({
    method: 'GET',
    path: '/overview/arrivals',
    role: 'viewer',
    tag,
    doc: 'That alerts came (server-sent events: `arrived`, with their number as `count`), at most once a second; for whoever then asks for counts.',
    answer: { contentTypes: ['text/event-stream'] },
  }),
};
