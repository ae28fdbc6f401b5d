/** Completes a decoded alert: fields and tags of the user, source, id, shape of the texts. In the order of falcosidekick. */

import { encodeAlert, type HubAlert, type HubValue, TEST_RULE } from '@peregrine/alert';
import type { Template } from '@peregrine/template';
import { type DecodedAlert, missingFrom } from './decode-alert.ts';
import { formatOutput } from './output-format.ts';
import { MOST_ALERT_BYTES, shortenFields } from './shorten-fields.ts';

export interface ProcessingSettings {
  readonly customFields: Readonly<Record<string, string>>;
  readonly customTags: readonly string[];
  readonly templatedFields: Readonly<Record<string, Template>>;
  /** What stands for `[` in names of fields; empty, brackets stay. */
  readonly bracketReplacer: string;
  /** Empty: outputs stay as they are. */
  readonly outputFieldFormat: string;
  /** Alerts that are larger when all is done are refused, bytes of JSON. */
  readonly mostAlertBytes: number;
  readonly newUuid: () => string;
  /** A template did not fit an alert. */
  readonly onTemplateTrouble: (field: string, why: string) => void;
}

type Fields = Readonly<Record<string, HubValue>>;

export type Processed =
  | { readonly kind: 'alert'; readonly alert: HubAlert; readonly sizeBytes: number }
  | { readonly kind: 'invalid' | 'too-large'; readonly reason: string };

/** COMPAT: sources that are not named are those of the kernel, under a name of their own. */
const DEFAULT_SOURCE = 'syscalls';

export function processAlert(decoded: DecodedAlert, settings: ProcessingSettings): Processed {
  const custom = withMore(decoded.fields, settings.customFields);
  const templated = templatedFieldsOf(custom, settings);
  const fields = bracketsReplaced(withMore(custom, templated), settings.bracketReplacer);
  const reason = missingFrom({ ...decoded, fields });
  const { priority, time } = decoded;
  if (reason !== undefined || priority === undefined || time === undefined) {
    return { kind: 'invalid', reason: reason ?? '' };
  }
  const tags = [...decoded.tags, ...settings.customTags].sort();
  const output =
    settings.outputFieldFormat === ''
      ? decoded.output
      : formatOutput(settings.outputFieldFormat, {
          output: decoded.output,
          priority,
          tags,
          customFields: settings.customFields,
          templatedFields: templated,
        });
  const alert = {
    uuid: settings.newUuid(),
    output,
    priority,
    rule: decoded.rule,
    time: time.text,
    timeNs: time.ns,
    source: decoded.rule === TEST_RULE ? 'internal' : decoded.source === '' ? DEFAULT_SOURCE : decoded.source,
    tags,
    hostname: decoded.hostname,
    fields: sorted(fields),
  };
  const json = encodeAlert(alert);
  if (json.length * 3 <= MOST_ALERT_BYTES) return finished(alert, json, settings);
  if (Buffer.byteLength(json, 'utf8') <= MOST_ALERT_BYTES) return finished(alert, json, settings);
  const shortened = { ...alert, ...shortenFields(alert.output, alert.fields) };
  return finished(shortened, encodeAlert(shortened), settings);
}

function finished(
  alert: Omit<HubAlert, 'json'>,
  json: string,
  { mostAlertBytes }: ProcessingSettings,
): Processed {
  const sizeBytes = Buffer.byteLength(json, 'utf8');
  if (sizeBytes > mostAlertBytes) {
    return { kind: 'too-large', reason: `an alert of ${sizeBytes} bytes is larger than ${mostAlertBytes}` };
  }
  return { kind: 'alert', alert: { ...alert, json }, sizeBytes };
}

function templatedFieldsOf(
  fields: Readonly<Record<string, HubValue>>,
  { templatedFields, onTemplateTrouble }: ProcessingSettings,
): Record<string, string> {
  const made: Record<string, string> = {};
  for (const [name, template] of Object.entries(templatedFields)) {
    const result = template.evaluate(fields);
    if ('text' in result) made[name] = result.text;
    else onTemplateTrouble(name, result.why);
  }
  return made;
}

function withMore(fields: Fields, more: Fields): Fields {
  for (const _ in more) return { ...fields, ...more };
  return fields;
}

/** `proc.aname[2]` with `_` is `proc.aname_2`. */
function bracketsReplaced(fields: Fields, replacer: string): Fields {
  if (replacer === '' || !Object.keys(fields).some((name) => name.includes('['))) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.includes('[') ? name.replaceAll(']', '').replaceAll('[', () => replacer) : name,
      value,
    ]),
  );
}

function sorted(fields: Fields): Fields {
  const names = Object.keys(fields);
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] ?? '') > (names[i] ?? '')) {
      return Object.fromEntries(names.sort().map((name) => [name, fields[name] ?? null]));
    }
  }
  return fields;
}
