/** What many operations share. */

import { z } from 'zod';

export const priority = z.enum([
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
]);
export const triageState = z.enum(['new', 'investigating', 'expected', 'closed']);

/** RFC 3339, nanoseconds as far as they are known. */
export const time = z.string().meta({ format: 'date-time', example: '2026-11-26T10:00:00.123456789Z' });
const shortText = z.string().max(256);

const fields = {
  q: z
    .string()
    .max(8_192)
    .optional()
    .describe('A condition of the rule language: `rule contains shell and proc.name = bash`.'),
  text: z
    .string()
    .max(1_024)
    .optional()
    .describe('Part of anything in the alert; letter case does not count.'),
  where: z
    .array(z.string().max(4_096))
    .max(64)
    .optional()
    .describe(
      '`FIELD=VALUE` or `FIELD!=VALUE`, repeatable. Values of the same field are alternatives. Fields are `rule`, `priority`, `source`, `hostname`, `tags`, `state`, `assignee`, `incident` and output fields.',
    ),
  since: z.string().max(16).optional().describe('How far back: `15m`, `24h`, `7d`. Instead of `from`.'),
  from: z.string().max(40).optional().describe('From this time on, RFC 3339.'),
  to: z.string().max(40).optional().describe('Before this time, RFC 3339.'),
};

/** Which alerts, as query parameters. */
export const filterQuery = z.object(fields);
export type FilterQuery = z.infer<typeof filterQuery>;

/** `limit` and `cursor` of a list that goes on. */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(1_000).optional().describe('Most entries; 100 unless set.'),
  cursor: z.string().max(512).optional().describe('`next` of the answer before.'),
};

export const problem = z
  .object({
    error: z.string().describe('What is wrong, for people.'),
    code: z.string().describe('The same for programs.'),
    hint: z.string().optional().describe('What to do.'),
    /** Of a condition, rules or settings. */
    places: z
      .array(z.object({ message: z.string(), line: z.number().optional(), column: z.number().optional() }))
      .optional(),
  })
  .describe('Body of every answer from 400 on.');
export type Problem = z.infer<typeof problem>;

export const finding = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  file: z.string().optional(),
  line: z.number().int().optional().describe('From 1.'),
  column: z.number().int().optional().describe('From 1.'),
  endLine: z.number().int().optional(),
  endColumn: z.number().int().optional(),
});
export type Finding = z.infer<typeof finding>;

export const done = z.object({ ok: z.literal(true) });
export const name = shortText.min(1);
