/** Rows in a table of PostgreSQL or TimescaleDB. */

import type { HubAlert } from '@peregrine/alert';
import { choice, delivered, integer, type Outcome, Secret, schema, secret, text } from '@peregrine/base';
import type { Client, ClientConfig } from 'pg';
import { type Delivery, defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { codeOf, reasonOf } from '../transport/write-all.ts';
import { linkedDestination } from './parts/linked-destination.ts';

const MOST_TOGETHER = 200;
const MOST_BYTES_TOGETHER = 4 * 1024 * 1024;

const config = schema({
  host: text({
    default: '',
    doc: 'Host of the server, or the folder of its socket.',
    example: 'timescaledb',
  }),
  port: integer({ default: 5_432, min: 1, max: 65_535, doc: 'Port of the server.' }),
  user: text({ default: 'postgres', doc: 'User that may insert.' }),
  password: secret({ default: new Secret('postgres'), doc: 'Password of the user.' }),
  database: text({ default: 'falcosidekick', doc: 'Database of the table.' }),
  hypertablename: text({
    default: 'falcosidekick_events',
    doc: 'Table, with its schema where that is not the usual one. It has columns `time`, `rule`, `priority`, `source`, `output`, `tags`, `hostname`, and one for each added field.',
  }),
  sslmode: choice(['disable', 'prefer', 'require', 'verify-full'], {
    default: 'prefer',
    doc: 'Whether to encrypt, and whether to check whom we speak to, as PostgreSQL calls it.',
  }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const timescaledb = defineClientSink({
  name: 'timescaledb',
  title: 'TimescaleDB',
  category: 'database',
  doc: 'Inserts each alert as a row into a table of PostgreSQL or TimescaleDB.',
  config,
  enabledBy: ['host'],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 100 }),
  open: async (settings, context) => {
    const { default: pg } = await import('pg');
    const { addedFields } = context.hub;
    return linkedDestination({
      context,
      secrets: [settings.password.reveal()],
      open: (_signal, onLoss) => connect((options) => new pg.Client(options), settings, context, onLoss),
      close: (client) => client.end(),
      deliver: async (client, deliveries) => {
        const { sql, values } = insertion(deliveries, settings, addedFields);
        await client.query(sql, values);
        return delivered;
      },
      outcomeOf,
    });
  },
});

type MakeClient = (options: ClientConfig) => Client;

/** `prefer`: encrypted where the server can. */
async function connect(
  make: MakeClient,
  settings: Config,
  context: SinkContext,
  onLoss: (reason: string) => void,
): Promise<Client> {
  const { sslmode, host } = settings;
  const isSocket = host.startsWith('/');
  const isPlain = sslmode === 'disable' || isSocket;
  const options = (isEncrypted: boolean): ClientConfig => optionsFor(settings, context, isEncrypted);
  try {
    return await opened(make(options(!isPlain)), onLoss);
  } catch (error) {
    const isRefused = /does not support SSL/.test(reasonOf(error));
    if (!isRefused || sslmode !== 'prefer') throw error;
    return opened(make(options(false)), onLoss);
  }
}

function optionsFor(settings: Config, { timeoutMs, tls }: SinkContext, isEncrypted: boolean): ClientConfig {
  const { host, port, user, password, database, sslmode } = settings;
  const trust = nodeTlsOptions({ ...tls, isChecked: sslmode === 'verify-full' });
  return {
    host,
    port,
    user,
    password: password.reveal(),
    database,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    application_name: 'peregrine',
    ssl: isEncrypted ? trust : false,
  };
}

async function opened(client: Client, onLoss: (reason: string) => void): Promise<Client> {
  client.on('error', (error) => onLoss(error.message));
  client.on('end', () => onLoss('the connection was closed'));
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
  return client;
}

/** One statement, so that all rows are there or none; absent values are the table's defaults. */
function insertion(
  deliveries: readonly Delivery[],
  { hypertablename }: Config,
  addedFields: readonly string[],
): { readonly sql: string; readonly values: (string | null)[] } {
  const rows = deliveries.map(({ alert }) => rowOf(alert, addedFields));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const values: (string | null)[] = [];
  const places = rows.map((row) => {
    const place = columns.map((column) => {
      const value = row.get(column);
      return value === undefined ? 'DEFAULT' : `$${values.push(value)}`;
    });
    return `(${place.join(', ')})`;
  });
  const table = hypertablename.split('.').map(quoted).join('.');
  return {
    sql: `INSERT INTO ${table} (${columns.map(quoted).join(', ')}) VALUES ${places.join(', ')}`,
    values,
  };
}

/** COMPAT: of the fields only those that the configuration adds, when they are texts, without quotes. */
function rowOf(alert: HubAlert, addedFields: readonly string[]): ReadonlyMap<string, string | null> {
  const { time, rule, priority, source, output, tags, hostname, fields } = alert;
  const row = new Map<string, string>([
    ['time', time],
    ['rule', rule],
    ['priority', priority],
    ['source', source],
    ['output', output],
  ]);
  if (tags.length > 0) row.set('tags', tags.join(','));
  if (hostname !== '') row.set('hostname', hostname);
  for (const name of addedFields) {
    const value = fields[name];
    if (typeof value === 'string') row.set(name.toLowerCase(), value.replaceAll('"', ''));
  }
  return new Map([...row].map(([column, value]) => [column, storable(value)]));
}

/** COMPAT: `null` is no value. PostgreSQL has no zero bytes in texts. */
function storable(value: string): string | null {
  return value.toLowerCase() === 'null' ? null : value.replaceAll('\0', '\uFFFD');
}

/** COMPAT: names were not quoted once, and so are in lower case. */
function quoted(name: string): string {
  return `"${name.toLowerCase().replaceAll('"', '""').replaceAll('\0', '')}"`;
}

/**
 * By the class of the error: what is wrong with the data, or too large, stays wrong. A server that goes down or became one
 * that only reads is left for a new connection; all else waits for somebody to put it right.
 */
function outcomeOf(error: unknown): Outcome | undefined {
  const code = codeOf(error);
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code === '25006') return undefined;
  const reason = `${code}: ${reasonOf(error)}`;
  if (/^(?:21|22|23|54)/.test(code)) return { kind: 'rejected', reason };
  return /^(?:08|57)/.test(code) ? undefined : { kind: 'retry', reason, afterMs: undefined };
}
