import {
  type Certificates,
  createCertificates,
  type PostgresServer,
  postgresObstacle,
  startPostgres,
} from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SslMode } from './address.ts';
import { ask } from './ask.ts';
import { openPool } from './connect.ts';

const obstacle = postgresObstacle();

describe.skipIf(obstacle !== undefined)(`connections to PostgreSQL ${obstacle ?? ''}`, () => {
  let certificates: Certificates;
  let encrypting: PostgresServer;
  let plain: PostgresServer;
  beforeAll(async () => {
    certificates = createCertificates();
    encrypting = await startPostgres({ certificate: certificates.server });
    plain = await startPostgres();
  }, 120_000);
  afterAll(async () => {
    await encrypting?.server.remove();
    await plain?.server.remove();
    certificates?.remove();
  });

  /** Whether the connection is encrypted; or why there is none. */
  async function opened(
    server: PostgresServer,
    sslMode: SslMode,
    over: { readonly rootCertificate?: string; readonly host?: string; readonly password?: string } = {},
  ): Promise<boolean | string> {
    const { password = 'hush', ...address } = over;
    const facts = server.connectionTo('postgres');
    try {
      const { pool } = await openPool({
        ...facts,
        password,
        address: { ...facts.address, sslMode, ...address },
      });
      const { rows } = await ask(pool, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      await pool.end();
      return rows[0]?.ssl === 't';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  test('are encrypted as sslmode says', async () => {
    expect(await opened(encrypting, 'disable')).toBe(false);
    expect(await opened(encrypting, 'prefer')).toBe(true);
    expect(await opened(encrypting, 'require')).toBe(true);
    expect(await opened(plain, 'prefer')).toBe(false);
    expect(await opened(plain, 'require')).toMatch(/does not answer: .*does not support SSL/);
  });

  test('are made with those only whose certificate is as wanted', async () => {
    const rootCertificate = certificates.authority;
    expect(await opened(encrypting, 'verify-full')).toMatch(/certificate/);
    expect(await opened(encrypting, 'verify-ca')).toMatch(/certificate/);
    expect(await opened(encrypting, 'verify-full', { rootCertificate, host: 'localhost' })).toBe(true);
    expect(await opened(encrypting, 'verify-ca', { rootCertificate })).toBe(true);
  });

  test('end when their hub says nothing in the middle of a transaction', async () => {
    const { pool } = await openPool(plain.connectionTo('postgres'));
    const { rows } = await ask(pool, 'SHOW idle_in_transaction_session_timeout');
    expect(rows[0]).toEqual({ idle_in_transaction_session_timeout: '20s' });
    const client = await pool.connect();
    const ended = new Promise<string>((resolve) => client.on('error', ({ message }) => resolve(message)));
    await ask(client, "SET idle_in_transaction_session_timeout = '50ms'");
    await ask(client, 'BEGIN');
    expect(await ended).toMatch(/idle-in-transaction timeout/);
    client.release(true);
    await pool.end();
  });

  test('that cannot be made say why, without the password', async () => {
    const wrong = await opened(plain, 'disable', { password: 'secret-of-mine' });
    expect(wrong).toMatch(
      /^the store at `postgres:\/\/127\.0\.0\.1:\d+\/postgres` does not answer: password authentication failed/,
    );
    expect(wrong).not.toContain('secret-of-mine');
    expect(await opened(plain, 'disable', { host: '127.0.0.2' })).toMatch(/ECONNREFUSED/);
  });
});
