/** Outputs, sensors and sources: their health, and what one can do about it. */

import { z } from 'zod';
import { done, pageFields, time } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Operations';

export const output = z.object({
  id: z.string(),
  title: z.string(),
  state: z
    .enum(['delivering', 'waiting', 'failing'])
    .describe('`waiting`: nothing is tried until a pause is over.'),
  waitingCount: z.number().int(),
  oldestMs: z.number(),
  deliveredCount: z.number().int(),
  failedCount: z.number().int(),
  rejectedCount: z.number().int(),
  expiredCount: z.number().int(),
  skippedCount: z.number().int(),
  deadLetterCount: z.number().int(),
  minimumPriority: z.string(),
  lastFailure: z.object({ time, reason: z.string() }).nullable(),
});
export type Output = z.infer<typeof output>;

export const deadLetter = z.object({
  id: z.string(),
  output: z.string(),
  time,
  attempts: z.number().int(),
  reason: z.string(),
  rule: z.string(),
  alertJson: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

export const delivery = z.object({
  output: z.string(),
  title: z.string(),
  state: z
    .enum(['delivered', 'waiting', 'failing', 'refused', 'skipped', 'unknown'])
    .describe(
      '`skipped`: it is not for that output; `unknown`: it neither waits here nor was refused, and was longer ago than is remembered, or another hub had it.',
    ),
  time: time.nullable().describe('When that was.'),
  attempts: z.number().int().nullable(),
  reason: z.string().nullable(),
});
export type Delivery = z.infer<typeof delivery>;

export const sensor = z.object({
  hostname: z.string(),
  kind: z.enum(['peregrine', 'falco', 'other']),
  version: z.string().nullable(),
  isHere: z.boolean().describe('In this process.'),
  lastTime: time.describe('Of its latest alert or report.'),
  alertCount: z.number().int().describe('In the last 24 hours.'),
  events: z.object({ seen: z.number(), dropped: z.number() }).nullable(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  gaps: z
    .array(z.object({ from: time, to: time, what: z.string(), lost: z.number().int() }))
    .describe('When it was blind, latest first.'),
  uptimeMs: z.number().nullable(),
  detail: z.string().nullable(),
});
export type Sensor = z.infer<typeof sensor>;

export const source = z.object({
  name: z.string().describe('`syscall`, `k8s_audit`...'),
  ruleCount: z.number().int().describe('Rules that are enabled for it.'),
  alertCount: z.number().int().describe('In the last 24 hours.'),
  lastTime: time.nullable().describe('Of its latest alert.'),
  hosts: z
    .array(z.object({ name: z.string(), alertCount: z.number().int() }))
    .describe('Machines with most alerts of it.'),
});
export type Source = z.infer<typeof source>;

export const operationsOperations = {
  listOutputs: defineOperation({
    method: 'GET',
    path: '/outputs',
    role: 'viewer',
    tag,
    doc: 'Outputs that are on, with their queues.',
    answer: z.object({
      outputs: z.array(output),
      journal: z.object({ sizeBytes: z.number(), limitBytes: z.number() }).nullable(),
    }),
  }),
  testOutput: defineOperation({
    method: 'POST',
    path: '/outputs/{id}/test',
    role: 'admin',
    tag,
    doc: 'Sends a test alert to an output of the configuration, and tells what was said and answered. Destinations come from the configuration only.',
    answer: z.object({ isDelivered: z.boolean(), exchange: z.string(), reason: z.string().nullable() }),
    failures: { 404: 'There is no such output.', 429: 'A test of it is under way.' },
  }),
  listDeadLetters: defineOperation({
    method: 'GET',
    path: '/dead-letters',
    role: 'responder',
    tag,
    doc: 'Alerts that an output refused for good, newest first.',
    query: z.object({ ...pageFields, output: z.string().max(256).optional() }),
    answer: z.object({ letters: z.array(deadLetter), next: z.string().nullable() }),
  }),
  replayDeadLetters: defineOperation({
    method: 'POST',
    path: '/dead-letters/replay',
    role: 'responder',
    tag,
    doc: 'Sends dead letters again.',
    body: z.object({
      ids: z.array(z.string().max(64)).max(1_000).optional(),
      output: z.string().max(256).optional(),
    }),
    answer: z.object({ count: z.number().int() }),
  }),
  removeDeadLetters: defineOperation({
    method: 'POST',
    path: '/dead-letters/remove',
    role: 'admin',
    tag,
    doc: 'Throws dead letters away.',
    body: z.object({ ids: z.array(z.string().max(64)).max(1_000) }),
    answer: z.object({ count: z.number().int() }),
  }),
  listDeliveries: defineOperation({
    method: 'GET',
    path: '/alerts/{id}/deliveries',
    role: 'viewer',
    tag,
    doc: 'What became of an alert at each output of this hub.',
    answer: z.object({ deliveries: z.array(delivery) }),
    failures: { 404: 'There is no such alert, or no longer.' },
  }),
  deliverAgain: defineOperation({
    method: 'POST',
    path: '/alerts/{id}/deliveries/{output}',
    role: 'responder',
    tag,
    doc: 'Sends an alert to an output once more.',
    answer: done,
    failures: {
      404: 'There is no such alert, or no such output.',
      409: 'The output does not take alerts of that priority.',
      503: 'The hub cannot keep it now.',
    },
  }),
  listSensors: defineOperation({
    method: 'GET',
    path: '/sensors',
    role: 'viewer',
    tag,
    doc: 'Machines that send alerts, and how they are.',
    answer: z.object({ sensors: z.array(sensor) }),
  }),
  listSources: defineOperation({
    method: 'GET',
    path: '/sources',
    role: 'viewer',
    tag,
    doc: 'Where events come from.',
    answer: z.object({ sources: z.array(source) }),
  }),
};
