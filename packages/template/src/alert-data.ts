/** An alert as templates of messages see it: `.Rule`, `.Output`, `index .OutputFields "user.name"`. */

import { goTime, type HubAlert, type HubValue } from '@peregrine/alert';
import type { TemplateValue } from './value.ts';

/**
 * COMPAT: falcosidekick's names. `escapeText` is done to every text of the alert, for destinations that find markup in texts:
 * a template may say `<!channel>`, an alert may not.
 */
export function templateDataOf(alert: HubAlert, escapeText: (text: string) => string = same): TemplateValue {
  return {
    UUID: alert.uuid,
    Output: escapeText(alert.output),
    Priority: alert.priority,
    Rule: escapeText(alert.rule),
    Time: goTime(alert.time),
    OutputFields: escapedFields(alert.fields, escapeText),
    Source: escapeText(alert.source),
    Tags: alert.tags.map(escapeText),
    Hostname: escapeText(alert.hostname),
  };
}

function escapedFields(fields: HubAlert['fields'], escapeText: (text: string) => string): TemplateValue {
  if (escapeText === same) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, escaped(value, escapeText)]),
  );
}

function escaped(value: HubValue, escapeText: (text: string) => string): TemplateValue {
  if (typeof value === 'string') return escapeText(value);
  return Array.isArray(value) ? value.map((item: HubValue) => escaped(item, escapeText)) : value;
}

function same(text: string): string {
  return text;
}
