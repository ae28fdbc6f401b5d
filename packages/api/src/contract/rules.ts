/** Rules: what they do, changing them, and tuning them from alerts. */

import { z } from 'zod';
import { alert } from './alerts.ts';
import { filterQuery, finding, priority, time } from './common.ts';
import { defineOperation } from './operation.ts';

const tag = 'Rules';
/** Requests have no more than a megabyte. */
const text = z.string().max(1024 * 1024);
/** Whatever is on the disk. */
const storedText = z.string();

export const rule = z.object({
  name: z.string(),
  desc: z.string(),
  condition: z.string().describe('As written, appended parts included.'),
  output: z.string(),
  priority,
  source: z.string(),
  tags: z.array(z.string()),
  file: z.string(),
  line: z.number().int().describe('From 1.'),
  text: z.string().describe('Its YAML.'),
  exceptions: z.array(z.string()).describe('Their names.'),
  isEnabled: z.boolean(),
  alertCount: z.number().int().describe('Alerts in the store, in the period.'),
  expectedCount: z.number().int().describe('Of these, triaged as expected: noise.'),
  lastTime: time.nullable().describe('`null`: never fired, as far as the store goes back.'),
  matchCount: z
    .number()
    .int()
    .nullable()
    .describe('Matches since the sensor in this process started; `null`: there is none.'),
});
export type Rule = z.infer<typeof rule>;

export const ruleDetail = rule.extend({
  parts: z
    .array(
      z.object({
        kind: z.enum(['macro', 'list']),
        name: z.string(),
        text: z.string().describe('Condition of the macro as written, or items of the list.'),
      }),
    )
    .describe('Macros and lists that the condition names, and those that these name, in that order.'),
  exceptionDetails: z
    .array(
      z.object({
        name: z.string(),
        fields: z.array(z.string()),
        comps: z.array(z.string()),
        values: z.array(z.array(z.string())),
      }),
    )
    .describe('What it is not alerted on, with what other files add.'),
});
export type RuleDetail = z.infer<typeof ruleDetail>;

export const rulesFile = z.object({
  name: z.string(),
  text: storedText,
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

const saved = z.object({
  version: z.number().int(),
  isLive: z
    .boolean()
    .describe(
      'A sensor in this process took it. Otherwise the file is changed, and whoever reads it takes it.',
    ),
});

const checked = z.object({ isUsable: z.boolean(), findings: z.array(finding) });

const languageField = z.object({
  name: z.string(),
  type: z.string(),
  doc: z.string(),
  class: z.string(),
  argument: z.object({
    requirement: z.enum(['none', 'optional', 'required']),
    forms: z.array(z.enum(['index', 'key'])).describe('Of what stands between brackets.'),
    suffix: z
      .union([z.literal('any'), z.array(z.object({ name: z.string(), type: z.string() }))])
      .nullable()
      .describe('What may follow the name and a dot instead, with the type that it makes of the field.'),
  }),
  isList: z.boolean(),
  isHidden: z.boolean(),
  isDeprecated: z.boolean(),
  isFilterOnly: z.boolean(),
  isPrintOnly: z.boolean(),
  allowsRightHandSide: z.boolean(),
  allowsTransformers: z.boolean(),
});

export const languageFacts = z.object({
  sources: z.array(
    z.object({
      name: z.string(),
      fields: z.array(languageField),
      events: z.array(
        z.object({
          name: z.string(),
          codes: z.array(z.number().int()),
          doc: z.string(),
          params: z.array(z.string()),
        }),
      ),
      eventCodeCount: z.number().int(),
      alwaysCodes: z.array(z.number().int()),
    }),
  ),
  operators: z.array(z.object({ symbol: z.string(), doc: z.string() })),
  transformers: z.array(z.object({ name: z.string(), doc: z.string() })),
  engineVersion: z.string(),
  plugins: z.array(z.object({ name: z.string(), version: z.string() })),
});
export type LanguageFacts = z.infer<typeof languageFacts>;

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
    answer: z.object({ rules: z.array(rule) }),
  }),
  getRule: defineOperation({
    method: 'GET',
    path: '/rules/{name}',
    role: 'viewer',
    tag,
    doc: 'One rule with what it found.',
    query: z.object({ since: z.string().max(16).optional() }),
    answer: ruleDetail,
    failures: { 404: 'There is no such rule among those that are known here.' },
  }),
  setRuleEnabled: defineOperation({
    method: 'PUT',
    path: '/rules/{name}/enabled',
    role: 'admin',
    tag,
    doc: 'Turns a rule on or off.',
    body: z.object({ isEnabled: z.boolean() }),
    answer: saved,
    failures: { 403: 'Rules cannot be changed from here.', 404: 'There is no such rule.' },
  }),
  listRulesFiles: defineOperation({
    method: 'GET',
    path: '/rules-files',
    role: 'viewer',
    tag,
    doc: 'Files of rules in the order in which they are read.',
    answer: z.object({
      files: z.array(rulesFile),
      changes: z.object({
        isAllowed: z.boolean(),
        reason: z.string().nullable().describe('Why not, and what to do.'),
        isLive: z.boolean().describe('A sensor in this process takes changes at once.'),
        isInUse: z
          .boolean()
          .nullable()
          .describe('That sensor goes by what the file says now; `null`: there is none.'),
        file: z.string().describe('Path of the file that is changed from here.'),
      }),
    }),
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
    answer: saved,
    failures: {
      403: 'Rules cannot be changed from here.',
      409: 'Somebody else has changed it meanwhile.',
      422: 'The rules are not good.',
    },
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
    answer: z.object({ version: z.number().int(), text: storedText }),
  }),
  checkRules: defineOperation({
    method: 'POST',
    path: '/rules/check',
    role: 'responder',
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
    doc: 'What a rule would find in stored alerts, as far as their fields go: with a field that an alert lacks, what depends on it is unknown.',
    body: z.object({
      name: z.string().max(256).describe('File that the text stands for.'),
      text,
      rule: z.string().max(1_024),
      filter: filterQuery.optional().describe('Which alerts to look at, newest first.'),
    }),
    answer: z.object({
      findings: z.array(finding),
      examined: z.number().int().describe('Alerts that were looked at.'),
      matches: z.number().int().describe('It would match what they are about.'),
      unknown: z.number().int().describe('It cannot be told.'),
      samples: z.array(alert).describe('The latest that match.'),
      missingFields: z
        .array(z.object({ name: z.string(), count: z.number().int() }))
        .describe('Fields that decided nothing, since alerts lack them.'),
      isComplete: z
        .boolean()
        .describe('Otherwise there were too many, and the older ones were not looked at.'),
    }),
    failures: { 404: 'There is no such rule in the text or the other files.' },
  }),
  listCaptures: defineOperation({
    method: 'GET',
    path: '/captures',
    role: 'responder',
    tag,
    doc: 'Recordings that rules can be tried on.',
    answer: z.object({ captures: z.array(z.object({ name: z.string(), sizeBytes: z.number(), time })) }),
  }),
  tryRulesOnCapture: defineOperation({
    method: 'POST',
    path: '/captures/try',
    role: 'responder',
    tag,
    doc: 'What rules find in a recording.',
    body: z.object({
      name: z.string().max(256).describe('File that the text stands for.'),
      text,
      rule: z.string().max(1_024).optional().describe('Only that one, even if it is off.'),
      capture: z.string().max(512).describe('Name of the recording.'),
    }),
    answer: z.object({
      findings: z.array(finding),
      examined: z.number().int().describe('Events that were read.'),
      counts: z.array(z.object({ rule: z.string(), count: z.number().int() })),
      samples: z
        .array(z.object({ rule: z.string(), output: z.string(), time }))
        .describe('The first of each rule.'),
      isComplete: z.boolean().describe('Otherwise it took too long, and the rest was not read.'),
    }),
    failures: {
      404: 'There is no such recording.',
      422: 'The rules are not good, or the recording cannot be read.',
      429: 'Another recording is being tried.',
    },
  }),
  languageFacts: defineOperation({
    method: 'GET',
    path: '/language',
    role: 'viewer',
    tag,
    doc: 'Fields, events, operators and transformers, for editors.',
    answer: languageFacts,
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
      triage: z
        .boolean()
        .optional()
        .describe('Also mark incidents as expected of which it hides every alert.'),
    }),
    answer: saved.extend({
      yaml: z.string(),
      triaged: z.number().int().describe('Incidents that are marked as expected now.'),
    }),
    failures: {
      403: 'Rules cannot be changed from here.',
      409: 'The rule has another exception of that name.',
      422: 'The rules would not be good with it.',
    },
  }),
};
