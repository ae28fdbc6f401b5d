/** Alerts for Opsgenie. */

import type { HubAlert, Priority } from '@peregrine/alert';
import { choice, schema, secret } from '@peregrine/base';
import { template } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import {
  fieldsWithin,
  fitted,
  headlineOf,
  hostnameField,
  shortened,
  tagsField,
  textFieldsOf,
} from './parts/chat.ts';
import { parted } from './parts/markup.ts';
import { sameKey } from './parts/same-key.ts';

/** What Opsgenie takes, UTF-16 units: 15000 in the description, 8000 in names and values of all details. */
const MOST_MESSAGE = 130;
const MOST_DESCRIPTION = 15_000;
const MOST_ALIAS = 512;
const MOST_DETAILS = 6_000;
const MOST_DETAIL = 1_000;
const MOST_FACT = 256;

const hosts = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' } as const;

const priorities: Readonly<Record<Priority, string>> = {
  Emergency: 'P1',
  Alert: 'P1',
  Critical: 'P2',
  Error: 'P3',
  Warning: 'P4',
  Notice: 'P5',
  Informational: 'P5',
  Debug: 'P5',
};

const config = schema({
  region: choice(['us', 'eu'], { default: 'us', doc: 'Region of the account.' }),
  apikey: secret({ doc: 'API key of the integration.', example: '00000000-0000-0000-0000-000000000000' }),
  alias: template({
    doc: 'Alerts for which this gives the same text are counted as one while it is open; without it, each is one of its own.',
    example: '{{ .Rule }} {{ .Hostname }}',
  }),
});

export const opsgenie = defineHttpSink({
  name: 'opsgenie',
  title: 'Opsgenie',
  category: 'alerting',
  doc: 'Creates an alert of Opsgenie for each alert.',
  config,
  enabledBy: ['apikey'],
  request: (alert, settings, call) => ({
    url: `${hosts[settings.region]}/v2/alerts`,
    headers: { authorization: `GenieKey ${settings.apikey.reveal()}` },
    json: {
      message: fitted(headlineOf(alert), MOST_MESSAGE, escapeOpsgenie),
      alias: sameKey(settings.alias, alert, call, MOST_ALIAS),
      entity: 'Falcosidekick',
      description: descriptionOf(alert),
      details: detailsOf(alert),
      priority: priorities[alert.priority],
    },
  }),
});

/** The rule, and the output where the message has no room for all of it. */
function descriptionOf({ rule, output }: HubAlert): string {
  const text = escapeOpsgenie(output).length <= MOST_MESSAGE ? rule : `${rule}\n\n${output}`;
  return fitted(text, MOST_DESCRIPTION, escapeOpsgenie);
}

/** COMPAT: only fields that hold texts, with `_` for dots in names. */
function detailsOf(alert: HubAlert): Readonly<Record<string, string>> {
  const fields = textFieldsOf(alert).map(({ title, value }) => ({
    title: shortened(title.replaceAll('.', '_'), MOST_FACT),
    value: shortened(value, MOST_DETAIL),
  }));
  const known = [
    { title: 'source', value: alert.source },
    { title: 'rule', value: alert.rule },
    { title: 'priority', value: alert.priority },
    ...hostnameField(alert),
    ...tagsField(alert),
  ].map(({ title, value }) => ({ title, value: shortened(value, MOST_FACT) }));
  const shown = [...fieldsWithin(fields, { count: 100, chars: MOST_DETAILS }), ...known];
  return Object.fromEntries(shown.map(({ title, value }) => [title, escapeOpsgenie(value)]));
}

/** It shows some HTML in texts, and has no escape that messages on phones would not show. */
function escapeOpsgenie(text: string): string {
  return parted(text);
}
