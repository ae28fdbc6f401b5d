/** Connections to PostgreSQL: how they are made, and what is said when they cannot be. The driver is loaded on first use. */

import { Fault } from '@peregrine/base';
import type { Pool, PoolConfig } from 'pg';
import { type PostgresAddress, titleOf } from './address.ts';
import { ask } from './ask.ts';

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
const MOST_CONNECTIONS = 8;

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
    // Compiling a statement takes longer than answering it.
    options: '-c jit=off',
    ...{ keepAlive: true, keepAliveInitialDelayMillis: QUIET_MS },
  };
}

export interface OpenedPool {
  readonly pool: Pool;
  /** Of the connections that work. */
  readonly config: PoolConfig;
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

async function tryPool(config: PoolConfig): Promise<OpenedPool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool(config);
  // Of connections that nobody uses at the moment; the next one who asks gets another.
  pool.on('error', () => {});
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
