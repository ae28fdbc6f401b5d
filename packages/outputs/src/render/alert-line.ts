/**
 * An alert as one line, without the newline: text or JSON, as the reference writes them. Internal alerts (the
 * engine's own, source `internal`) have a text layout of their own and carry no tags.
 */

import type { Alert } from '@peregrine/alert';
import { encodeJsonFields, encodeJsonValue } from './json-text.ts';
import { clockTime, iso8601Nanoseconds } from './time-text.ts';

export interface LineOptions {
  readonly isJson: boolean;
  readonly includesOutput: boolean;
  readonly includesMessage: boolean;
  readonly includesFields: boolean;
  readonly includesTags: boolean;
}

export const defaultLineOptions: LineOptions = Object.freeze({
  isJson: false,
  includesOutput: true,
  includesMessage: false,
  includesFields: true,
  includesTags: true,
});

/** Source of alerts that no rule made. */
export const INTERNAL_SOURCE = 'internal';

export function renderAlert(alert: Alert, options: LineOptions): string {
  if (options.isJson) return renderJsonLine(alert, options);
  return alert.source === INTERNAL_SOURCE ? renderInternalText(alert) : escapeLine(alert.output);
}

/** The text line is what a JSON string of it holds between its quotes: no control character survives. */
function escapeLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function renderInternalText(alert: Alert): string {
  const fields = Object.keys(alert.fields).map(
    (name) => `${name}=${encodeJsonValue(alert.fields[name] ?? null)}`,
  );
  return `${clockTime(alert.timeNs)}: ${alert.priority} ${alert.message} (${fields.join(' ')})`;
}

/** Keys in alphabetical order. */
function renderJsonLine(alert: Alert, options: LineOptions): string {
  const isInternal = alert.source === INTERNAL_SOURCE;
  let line = `{"hostname":${JSON.stringify(alert.hostname)}`;
  if (options.includesMessage && !isInternal) line += `,"message":${JSON.stringify(alert.message)}`;
  if (options.includesOutput || isInternal) {
    line += `,"output":${JSON.stringify(isInternal ? alert.message : alert.output)}`;
  }
  if (options.includesFields || isInternal) line += `,"output_fields":${encodeJsonFields(alert.fields)}`;
  line += `,"priority":"${alert.priority}",${ruleText(alert)}`;
  if (options.includesTags && !isInternal) line += `,"tags":${tagsText(alert.tags)}`;
  return `${line},"time":"${iso8601Nanoseconds(alert.timeNs)}"}`;
}

const MOST_TEXTS = 1_024;
/** Not state: the same few rules come again and again, and forgetting them costs only time. */
const ruleTexts = new Map<string, { readonly source: string; readonly text: string }>();
let latestTags: readonly string[] = [];
let latestTagsText = '[]';

function ruleText({ rule, source }: Alert): string {
  const known = ruleTexts.get(rule);
  if (known?.source === source) return known.text;
  if (ruleTexts.size >= MOST_TEXTS) ruleTexts.clear();
  const text = `"rule":${JSON.stringify(rule)},"source":${JSON.stringify(source)}`;
  ruleTexts.set(rule, { source, text });
  return text;
}

/** Alerts of one rule share their tags, and often follow each other. */
function tagsText(tags: readonly string[]): string {
  if (tags !== latestTags) {
    latestTags = tags;
    latestTagsText = JSON.stringify(tags);
  }
  return latestTagsText;
}
