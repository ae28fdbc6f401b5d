/** Rules: what they do, changing them, and tuning them from alerts. */

import { z } from 'zod';
import { alert, ruleFacts } from './alerts.ts';
import { done, filterQuery, finding, time } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Rules';
const text = z.string().max(4 * 1024 * 1024);

export const rule = ruleFacts.extend({
  isEnabled: z.boolean(),
  /** Of alerts in the store. */
  alertCount: z.number().int().describe('In the period.'),
  expectedCount: z.number().int().describe('Of these, triaged as expected: noise.'),
  lastTime: time.nullable().describe('`null`: never fired, as far as the store goes back.'),
  /** Measured by the sensor in this process, while somebody looks; `null`: not measured. */
  costNs: z.number().nullable().describe('For each event that it is asked about.'),
  matchCount: z.number().int().nullable().describe('Since the sensor started.'),
});
export type Rule = z.infer<typeof rule>;

export const rulesFile = z.object({
  name: z.string(),
  text,
  isEditable: z.boolean(),
  version: z.number().int().describe('0: never changed from here.'),
});
export type RulesFile = z.infer<typeof rulesFile>;

export const rulesVersion = z.object({
  version: z.number().int(),
  time,
  user: z.string(),
  comment: z.string(),
  isInUse: z.boolean(),
});
export type RulesVersion = z.infer<typeof rulesVersion>;

const checked = z.object({ isUsable: z.boolean(), findings: z.array(finding) });

export const exception = z.object({
  name: z.string().min(1).max(128),
  fields: z.array(z.string().max(256)).min(1).max(16),
  comps: z.array(z.string().max(32)).min(1).max(16),
  values: z
    .array(z.array(z.string().max(8_192)).min(1).max(16))
    .min(1)
    .max(1_000),
});
export type Exception = z.infer<typeof exception>;

export const proposal = z.object({
  rule: z.string(),
  /** Fields that the alerts have, which an exception could be about, with how many values they have. */
  fields: z.array(
    z.object({
      name: z.string(),
      values: z.array(z.object({ value: z.string(), count: z.number().int() })),
      comps: z.array(z.string()),
    }),
  ),
  /** Narrowest first. */
  candidates: z.array(
    z.object({ title: z.string(), exception, hiddenCount: z.number().int(), reason: z.string() }),
  ),
});
export type Proposal = z.infer<typeof proposal>;

export const ruleOperations = {
  listRules: defineOperation({
    method: 'GET',
    path: '/rules',
    role: 'viewer',
    tag,
    doc: 'All rules with what they found.',
    query: z.object({ since: z.string().max(16).optional() }),
    answer: z.object({ rules: z.array(rule), isMeasured: z.boolean() }),
  }),
  setRuleEnabled: defineOperation({
    method: 'PUT',
    path: '/rules/{name}/enabled',
    role: 'admin',
    tag,
    doc: 'Turns a rule on or off.',
    body: z.object({ isEnabled: z.boolean() }),
    answer: done,
    failures: { 403: 'Rules cannot be changed from here.' },
  }),
  listRulesFiles: defineOperation({
    method: 'GET',
    path: '/rules-files',
    role: 'viewer',
    tag,
    doc: 'Files of rules in the order in which they are read.',
    answer: z.object({ files: z.array(rulesFile) }),
  }),
  saveRulesFile: defineOperation({
    method: 'PUT',
    path: '/rules-files/{name}',
    role: 'admin',
    tag,
    doc: 'Replaces a file, if all rules are good with it, and has sensors take it.',
    body: z.object({
      text,
      version: z.number().int().describe('That it was made from.'),
      comment: z.string().max(1_024).optional(),
    }),
    answer: rulesFile,
    failures: { 409: 'Somebody else has changed it meanwhile.', 422: 'The rules are not good.' },
  }),
  listRulesVersions: defineOperation({
    method: 'GET',
    path: '/rules-files/{name}/versions',
    role: 'viewer',
    tag,
    doc: 'Its earlier versions, newest first.',
    answer: z.object({ versions: z.array(rulesVersion) }),
  }),
  getRulesVersion: defineOperation({
    method: 'GET',
    path: '/rules-files/{name}/versions/{version}',
    role: 'viewer',
    tag,
    doc: 'The text of a version.',
    answer: z.object({ version: z.number().int(), text }),
  }),
  checkRules: defineOperation({
    method: 'POST',
    path: '/rules/check',
    role: 'viewer',
    tag,
    doc: 'What is wrong with rules, in place of the file of that name.',
    body: z.object({ name: z.string().max(256), text }),
    answer: checked,
  }),
  tryRules: defineOperation({
    method: 'POST',
    path: '/rules/try',
    role: 'responder',
    tag,
    doc: 'What rules would find: in stored alerts, as far as their fields go, or in a recorded capture.',
    body: z.object({
      text,
      rule: z.string().max(1_024).optional().describe('Only that one.'),
      on: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('alerts'), filter: filterQuery }),
        z.object({ kind: z.literal('capture'), name: z.string().max(256) }),
      ]),
    }),
    answer: z.object({
      findings: z.array(finding),
      examined: z.number().int().describe('Alerts or events that were looked at.'),
      counts: z.array(z.object({ rule: z.string(), count: z.number().int() })),
      samples: z.array(
        z.object({ rule: z.string(), output: z.string(), time, alertId: z.string().nullable() }),
      ),
      /** What could not be told from stored alerts: fields that they do not have. */
      missingFields: z.array(z.string()),
      isComplete: z.boolean().describe('Otherwise it took too long, and the rest was not looked at.'),
    }),
  }),
  listCaptures: defineOperation({
    method: 'GET',
    path: '/captures',
    role: 'viewer',
    tag,
    doc: 'Recordings that rules can be tried on.',
    answer: z.object({ captures: z.array(z.object({ name: z.string(), sizeBytes: z.number(), time })) }),
  }),
  languageFacts: defineOperation({
    method: 'GET',
    path: '/language',
    role: 'viewer',
    tag,
    doc: 'Fields, operators, transformers, macros and lists, for the editor.',
    answer: z.object({
      sources: z.array(
        z.object({
          name: z.string(),
          fields: z.array(
            z.object({
              name: z.string(),
              type: z.string(),
              doc: z.string(),
              argument: z.string().nullable(),
            }),
          ),
          events: z.array(z.string()),
        }),
      ),
      operators: z.array(z.object({ symbol: z.string(), doc: z.string() })),
      transformers: z.array(z.object({ name: z.string(), doc: z.string() })),
    }),
  }),
  proposeException: defineOperation({
    method: 'POST',
    path: '/tune/propose',
    role: 'responder',
    tag,
    doc: 'Which exceptions would make alerts like these expected.',
    body: z.object({
      alertId: z.string().max(64).optional(),
      incidentId: z.string().max(64).optional(),
      since: z.string().max(16).optional(),
    }),
    answer: proposal,
  }),
  previewException: defineOperation({
    method: 'POST',
    path: '/tune/preview',
    role: 'responder',
    tag,
    doc: 'Which stored alerts an exception would have hidden, and its YAML.',
    body: z.object({ rule: z.string().max(1_024), exception, since: z.string().max(16).optional() }),
    answer: z.object({
      hiddenCount: z.number().int(),
      total: z.number().int(),
      hidden: z.array(alert).describe('The latest of them.'),
      kept: z.array(alert).describe('The latest of those that would remain.'),
      byDay: z.array(z.object({ day: z.string(), hidden: z.number().int(), kept: z.number().int() })),
      yaml: z.string(),
      findings: z.array(finding),
      warnings: z
        .array(z.string())
        .describe('That it is wide: a value that anybody can choose, a field that alerts lack...'),
    }),
  }),
  applyException: defineOperation({
    method: 'POST',
    path: '/tune/apply',
    role: 'admin',
    tag,
    doc: 'Adds the exception to the rules that are changed from here.',
    body: z.object({
      rule: z.string().max(1_024),
      exception,
      comment: z.string().max(1_024).optional(),
      triage: z.boolean().optional().describe('Also mark the hidden alerts’ incidents as expected.'),
    }),
    answer: z.object({ version: z.number().int(), yaml: z.string() }),
    failures: { 403: 'Rules cannot be changed from here.' },
  }),
};
