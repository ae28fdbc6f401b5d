/** Points for InfluxDB, in its line protocol. */

import type { HubAlert } from '@peregrine/alert';
import { choice, type Infer, Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { joined, query } from './parts/address.ts';
import { cutBytes } from './parts/fit-alert.ts';

/** InfluxDB takes no longer text as a tag or a value. */
const MOST_TEXT_BYTES = 60_000;

/** Nanoseconds in each unit, and how version 1 writes it. */
const units = {
  ns: { size: 1n, v1: 'n' },
  us: { size: 1_000n, v1: 'u' },
  ms: { size: 1_000_000n, v1: 'ms' },
  s: { size: 1_000_000_000n, v1: 's' },
} as const;

const config = schema({
  hostport: url({ doc: 'Address of the server.', example: 'http://influxdb:8086' }),
  organization: text({
    default: '',
    doc: 'Organisation; set, alerts go to the bucket of version 2 and later.',
  }),
  bucket: text({ default: 'falco', doc: 'Bucket, where an organisation is set.' }),
  database: text({ default: 'falco', doc: 'Database of version 1.' }),
  precision: choice(['ns', 'us', 'ms', 's'], {
    default: 'ns',
    doc: 'Unit of the times of points; alerts with the same tags within one unit are one point.',
  }),
  user: text({ default: '', doc: 'User of version 1.' }),
  password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  token: secret({ default: new Secret(''), doc: 'Token that may write.' }),
});
type Config = Infer<typeof config>;

export const influxdb = defineHttpSink({
  name: 'influxdb',
  title: 'Influxdb',
  category: 'metrics',
  doc: 'Writes each alert as a point to InfluxDB.',
  config,
  enabledBy: ['hostport'],
  request: (alert, settings) => ({
    url: addressOf(settings),
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      accept: 'application/json',
      ...(settings.token.reveal() === '' ? {} : { authorization: `Token ${settings.token.reveal()}` }),
    },
    body: `${pointOf(alert, settings)}\n`,
  }),
});

function addressOf(settings: Config): string {
  const { hostport, organization, bucket, database, precision, user, password } = settings;
  if (organization !== '') {
    return joined(hostport, `/api/v2/write${query({ org: organization, bucket, precision })}`);
  }
  const u = password.reveal() === '' ? undefined : user;
  const p = user === '' ? undefined : password.reveal();
  return joined(hostport, `/write${query({ db: database, u, p, precision: units[precision].v1 })}`);
}

/** COMPAT: only fields that hold texts become tags, and spaces in them `_`. */
function pointOf(alert: HubAlert, { precision }: Config): string {
  const { rule, priority, source, fields, hostname, tags, output } = alert;
  const pairs: (readonly [string, string])[] = [
    ['rule', rule],
    ['priority', priority],
    ['source', source],
    ...Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' && !taken.has(name) ? [[name, value] as const] : [],
    ),
    ['hostname', hostname],
    ['tags', tags.join('_')],
  ];
  const written = pairs
    .map(([name, value]) => [tagText(name), tagText(value)] as const)
    // A tag without a value is an error.
    .filter(([name, value]) => name !== '' && value !== '')
    .map(([name, value]) => `${name}=${value}`);
  const value = cutBytes(output.replaceAll('\0', ''), MOST_TEXT_BYTES).replace(/["\\]/g, '\\$&');
  return `events,${written.join(',')} value="${value}" ${alert.timeNs / units[precision].size}`;
}

/** A field of one of these names would be a second tag of that name. */
const taken = new Set(['rule', 'priority', 'source', 'hostname', 'tags', 'time']);

/** Nothing in it ends the tag, the point or the line. */
function tagText(text: string): string {
  return (
    cutBytes(text, MOST_TEXT_BYTES)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those that would end the line.
      .replace(/[\s\x00-\x1f]/g, '_')
      .replace(/\\+$/, '')
      .replace(/[,=]/g, '\\$&')
  );
}
