import type { HubAlert } from '@peregrine/alert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, createCertificates } from '../../testing/certificates.ts';
import { type PostgresServer, postgresObstacle, startPostgres } from '../../testing/postgres-server.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput, type Surroundings } from '../../testing/sink-exchange.ts';
import { openTcpProxy } from '../../testing/tcp-proxy.ts';
import { timescaledb } from './timescaledb.ts';

const TABLE = `(time TIMESTAMPTZ NOT NULL, rule TEXT, priority VARCHAR(20), source VARCHAR(20), output TEXT,
  tags TEXT, hostname TEXT DEFAULT 'nowhere', env TEXT, "k8s.cluster" TEXT)`;

const obstacle = postgresObstacle();
const title = obstacle === undefined ? 'PostgreSQL' : `PostgreSQL (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let postgres: PostgresServer;
  let certificates: Certificates;
  const opened: OpenOutput[] = [];
  beforeAll(async () => {
    certificates = createCertificates();
    postgres = await startPostgres({ certificate: certificates.server });
    await postgres.ask('CREATE SCHEMA alerts');
  });
  afterAll(async () => {
    await postgres?.server.stop('SIGINT');
    await postgres?.server.remove();
    certificates?.remove();
  });

  function open(written: Written = {}, surroundings: Surroundings = {}): OpenOutput {
    const settings = settingsOf(timescaledb, {
      ...{ host: '127.0.0.1', port: postgres.port, password: 'hush', database: 'postgres' },
      ...written,
    });
    const output = openOutput(settings, surroundings);
    opened.push(output);
    return output;
  }

  test('every alert is a row, whatever it says', async () => {
    await postgres.ask(`CREATE TABLE falcosidekick_events ${TABLE}`);
    const alerts = sampleAlerts.map(([, alert]) => alert);
    const outcomes = await open().deliverAll(alerts);
    expect(outcomes.map(({ kind }) => kind)).toEqual(alerts.map(() => 'delivered'));
    const rows = await postgres.ask(
      'SELECT *, extract(epoch FROM time)::text AS seconds FROM falcosidekick_events',
    );
    expect(rows).toHaveLength(alerts.length);
    for (const alert of alerts) {
      expect(rows).toContainEqual(
        expect.objectContaining({
          rule: alert.rule,
          priority: alert.priority,
          source: alert.source,
          output: alert.output.replaceAll('\0', '\uFFFD'),
          tags: alert.tags.length === 0 ? null : alert.tags.join(','),
          hostname: alert.hostname === '' ? 'nowhere' : alert.hostname,
        }),
      );
    }
    expect(rows.map(({ seconds }) => seconds)).toContain('1709288405.408092');
  });

  test('fields that the configuration adds have columns, and `null` is no value', async () => {
    await postgres.ask(`CREATE TABLE alerts.added ${TABLE}`);
    const alert: HubAlert = {
      ...sampleAlert('whole'),
      rule: 'NULL',
      fields: { Env: 'prod "1"', 'k8s.cluster': 'null', other: 'x' },
    };
    const surroundings = { addedFields: ['Env', 'k8s.cluster', 'absent'] };
    const output = open({ hypertablename: 'alerts.Added' }, surroundings);
    expect((await output.deliver(alert)).outcome).toEqual({ kind: 'delivered' });
    expect(await postgres.ask('SELECT env, rule, "k8s.cluster" FROM alerts.added')).toEqual([
      { env: 'prod 1', rule: null, 'k8s.cluster': null },
    ]);
  });

  test('what does not fit is refused, and holds up no other', async () => {
    await postgres.ask(`CREATE TABLE narrow ${TABLE}`);
    const long = { ...sampleAlert('whole'), source: 's'.repeat(30) };
    const outcomes = await open({ hypertablename: 'narrow' }).deliverAll([
      sampleAlert('shell'),
      long,
      sampleAlert('test'),
    ]);
    expect(outcomes).toEqual([
      { kind: 'delivered' },
      { kind: 'rejected', reason: expect.stringContaining('22001: value too long') },
      { kind: 'delivered' },
    ]);
    expect(await postgres.ask('SELECT source FROM narrow')).toEqual([
      { source: 'syscalls' },
      { source: 'internal' },
    ]);
  });

  test('a name of a table is a name, whatever is in it', async () => {
    const { outcome } = await open({ hypertablename: 'x"; DROP TABLE falcosidekick_events; --' }).deliver(
      sampleAlert('test'),
    );
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('42P01') });
    expect(await postgres.ask("SELECT to_regclass('falcosidekick_events') IS NOT NULL AS there")).toEqual([
      { there: true },
    ]);
  });

  test.each([
    [{ password: 'wrong-word' }, '28P01'],
    [{ database: 'nowhere' }, '3D000'],
    [{ port: 1 }, 'ECONNREFUSED'],
  ])('%j waits', async (written, why) => {
    const { outcome } = await open(written).deliver(sampleAlert('test'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining(why) });
    expect(JSON.stringify(outcome)).not.toContain('wrong-word');
  });

  test('a connection that breaks is made again', async () => {
    await postgres.ask(`CREATE TABLE again ${TABLE}`);
    const proxy = await openTcpProxy(postgres.port);
    const output = open({ port: proxy.port, hypertablename: 'again' });
    expect((await output.deliver(sampleAlert('shell'))).outcome.kind).toBe('delivered');
    proxy.cut();
    expect((await output.deliver(sampleAlert('whole'))).outcome.kind).toBe('retry');
    proxy.resume();
    await expect
      .poll(async () => (await output.deliver(sampleAlert('whole'))).outcome.kind, { timeout: 30_000 })
      .toBe('delivered');
    await postgres.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'peregrine'",
    );
    await expect
      .poll(async () => (await output.deliver(sampleAlert('test'))).outcome.kind, { timeout: 30_000 })
      .toBe('delivered');
    expect(await postgres.ask('SELECT rule FROM again')).toHaveLength(3);
    await proxy.close();
  });

  test.each([
    ['disable', false],
    ['prefer', true],
    ['require', true],
    ['verify-full', true],
  ])('sslmode %s', async (sslmode, isEncrypted) => {
    const table = `tls_${sslmode.replace('-', '_')}`;
    await postgres.ask(`CREATE TABLE ${table} ${TABLE}`);
    await postgres.ask(
      `CREATE FUNCTION ${table}_f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         NEW.env := (SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()); RETURN NEW; END $$`,
    );
    await postgres.ask(
      `CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_f()`,
    );
    const written = { sslmode, hypertablename: table };
    const { outcome } = await open(written, { tls: certificates.trust() }).deliver(sampleAlert('shell'));
    expect(outcome).toEqual({ kind: 'delivered' });
    expect(await postgres.ask(`SELECT env FROM ${table}`)).toEqual([{ env: String(isEncrypted) }]);
  });

  test('a server that nobody vouches for is not trusted where that is asked', async () => {
    const { outcome } = await open({ sslmode: 'verify-full' }).deliver(sampleAlert('shell'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('certificate') });
  });

  test('nothing stays connected', async () => {
    for (const output of opened) await output.close();
    const sql = "SELECT query FROM pg_stat_activity WHERE application_name = 'peregrine'";
    await expect.poll(() => postgres.ask(sql), { timeout: 30_000 }).toEqual([]);
  });
});
