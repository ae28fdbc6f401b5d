/** Connections to PostgreSQL: how they are made, and what is said when they cannot be. The driver is loaded on first use. */

import { Fault } from '@peregrine/base';
import type { Pool, PoolConfig } from 'pg';
import { type PostgresAddress, titleOf } from './address.ts';
import { ask, type SearchPools } from './ask.ts';

export interface ConnectionFacts {
  readonly address: PostgresAddress;
  /** `undefined`: what the driver finds in `PGPASSWORD` or `~/.pgpass`. */
  readonly password: string | undefined;
  /** Text of a file in PEM. */
  readonly readPem: (path: string) => string;
}

const CONNECT_LIMIT_MS = 10_000;
/** Of one statement. The server gives up first, so that the connection can be used again. */
const STATEMENT_LIMIT_MS = 60_000;
const QUIET_MS = 10_000;
const MOST_CONNECTIONS = 6;

/**
 * Compiling a statement takes longer than answering it. A hub whose machine went away in the middle of a transaction must not
 * keep the others waiting: the server finds out, and ends it.
 */
const SESSION = {
  jit: 'off',
  idle_in_transaction_session_timeout: '20s',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '4',
} as const;

/** Throws what `readPem` throws. */
export function poolConfigOf({ address, password, readPem }: ConnectionFacts): PoolConfig {
  const { host, port, user, database, sslMode, rootCertificate, certificate, key } = address;
  const isPlain = sslMode === 'disable' || host.startsWith('/');
  const isChecked = sslMode === 'verify-ca' || sslMode === 'verify-full';
  const ssl = {
    rejectUnauthorized: isChecked,
    ...(rootCertificate === '' ? {} : { ca: readPem(rootCertificate) }),
    ...(certificate === '' ? {} : { cert: readPem(certificate), key: readPem(key) }),
    ...(sslMode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
  return {
    ...{ host, port, user, database, application_name: 'peregrine', max: MOST_CONNECTIONS },
    ...(password === undefined ? {} : { password }),
    ssl: isPlain ? false : ssl,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    ...{ statement_timeout: STATEMENT_LIMIT_MS, query_timeout: STATEMENT_LIMIT_MS + CONNECT_LIMIT_MS },
    options: Object.entries(SESSION)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    ...{ keepAlive: true, keepAliveInitialDelayMillis: QUIET_MS },
  };
}

export interface OpenedPool {
  readonly pool: Pool;
  /** Of the connections that work. */
  readonly config: PoolConfig;
}

/** Pools for searches and for all else. Rejects as `openPool` does. */
export async function openPools(
  facts: ConnectionFacts,
): Promise<SearchPools & { readonly config: PoolConfig }> {
  const { pool: steady, config } = await openPool(facts);
  return { steady, searching: await createPool(config), config };
}

/** A pool whose server answers. Rejects with a `Fault`: `store-away` for what may be otherwise later. */
export async function openPool(facts: ConnectionFacts): Promise<OpenedPool> {
  const config = poolConfigOf(facts);
  try {
    return await tryPool(config);
  } catch (error) {
    // As `prefer` means it: encrypted where the server can.
    const isRefused = error instanceof Error && /does not support SSL/.test(error.message);
    if (!isRefused || facts.address.sslMode !== 'prefer') throw awayFault(facts.address, error);
    return tryPool({ ...config, ssl: false }).catch((failed: unknown) => {
      throw awayFault(facts.address, failed);
    });
  }
}

async function createPool(config: PoolConfig): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool(config);
  // Of connections that nobody uses at the moment; the next one who asks gets another.
  pool.on('error', () => {});
  return pool;
}

async function tryPool(config: PoolConfig): Promise<OpenedPool> {
  const pool = await createPool(config);
  try {
    await ask(pool, 'SELECT 1');
    return { pool, config };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function awayFault(address: PostgresAddress, cause: unknown): Fault {
  return new Fault('store-away', `the store at \`${titleOf(address)}\` does not answer: ${reasonOf(cause)}`, {
    cause,
  });
}

/** Of several addresses of a host, each has its own. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault && error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
