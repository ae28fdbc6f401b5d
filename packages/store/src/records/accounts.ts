/** Users, sessions and the audit log, over SQL. Times are milliseconds since the epoch. */

import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from '../sql/sql-database.ts';
import { fromStored, toStored } from './stored-text.ts';

export type StoredRole = 'viewer' | 'responder' | 'admin';

export interface StoredUser {
  readonly name: string;
  readonly role: StoredRole;
  readonly source: 'password' | 'config' | 'oidc';
  readonly passwordHash: string | undefined;
  readonly createdMs: number;
  readonly lastSeenMs: number | undefined;
  readonly isDisabled: boolean;
}

export interface StoredSession {
  readonly tokenHash: string;
  readonly user: string;
  readonly via: 'link' | 'password' | 'oidc';
  readonly csrfToken: string;
  readonly createdMs: number;
  readonly lastSeenMs: number;
  readonly expiresMs: number;
}

export interface StoredAudit {
  readonly timeMs: number;
  readonly user: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
}

const MOST_SESSIONS_OF_A_USER = 100;
const MOST_AUDIT_ENTRIES = 1_000_000;
/** Entries are counted, and the oldest removed, once in so many. */
const TRIM_EVERY = 1_000;

export class Accounts {
  readonly #database: SqlDatabase;
  #added = 0;

  /** The tables are there: see `prepareRecords`. */
  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async users(): Promise<readonly StoredUser[]> {
    return (await this.#database.all('SELECT * FROM users ORDER BY name')).map(userFrom);
  }

  async user(name: string): Promise<StoredUser | undefined> {
    const [row] = await this.#database.all('SELECT * FROM users WHERE name = $1', [toStored(name)]);
    return row && userFrom(row);
  }

  async addUser(user: StoredUser): Promise<boolean> {
    const count = await this.#database.run(
      `INSERT INTO users (name, role, source, password_hash, created_ms, last_seen_ms, is_disabled)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`,
      [
        toStored(user.name),
        user.role,
        user.source,
        user.passwordHash ?? null,
        user.createdMs,
        user.lastSeenMs ?? null,
        user.isDisabled ? 1 : 0,
      ],
    );
    return count === 1;
  }

  async changeUser(
    name: string,
    change: Partial<Pick<StoredUser, 'role' | 'passwordHash' | 'lastSeenMs' | 'isDisabled'>>,
  ): Promise<boolean> {
    const sets: string[] = [];
    const values: SqlValue[] = [toStored(name)];
    const set = (column: string, value: SqlValue | undefined): void => {
      if (value !== undefined) sets.push(`${column} = $${values.push(value)}`);
    };
    set('role', change.role);
    set('password_hash', change.passwordHash);
    set('last_seen_ms', change.lastSeenMs);
    set('is_disabled', change.isDisabled === undefined ? undefined : change.isDisabled ? 1 : 0);
    if (sets.length === 0) return (await this.user(name)) !== undefined;
    return (await this.#database.run(`UPDATE users SET ${sets.join(', ')} WHERE name = $1`, values)) === 1;
  }

  /** With all sessions. */
  removeUser(name: string): Promise<boolean> {
    return this.#database.transaction(async (session) => {
      await session.run('DELETE FROM sessions WHERE user_name = $1', [toStored(name)]);
      return (await session.run('DELETE FROM users WHERE name = $1', [toStored(name)])) === 1;
    });
  }

  async addSession(given: StoredSession): Promise<void> {
    const { tokenHash, user, via, csrfToken, createdMs, lastSeenMs, expiresMs } = given;
    await this.#database.transaction(async (session) => {
      await session.run('INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, $7)', [
        ...[tokenHash, toStored(user), via, csrfToken],
        ...[createdMs, lastSeenMs, expiresMs],
      ]);
      await session.run(
        `DELETE FROM sessions WHERE user_name = $1 AND token_hash NOT IN
           (SELECT token_hash FROM sessions WHERE user_name = $1 ORDER BY last_seen_ms DESC LIMIT ${MOST_SESSIONS_OF_A_USER})`,
        [toStored(user)],
      );
    });
  }

  async session(tokenHash: string): Promise<StoredSession | undefined> {
    const [row] = await this.#database.all('SELECT * FROM sessions WHERE token_hash = $1', [tokenHash]);
    return row && sessionIn(row);
  }

  /** The one that was seen last comes first; some may have expired. */
  async sessionsOf(user: string): Promise<readonly StoredSession[]> {
    const rows = await this.#database.all(
      'SELECT * FROM sessions WHERE user_name = $1 ORDER BY last_seen_ms DESC, token_hash',
      [toStored(user)],
    );
    return rows.map(sessionIn);
  }

  async touchSession(tokenHash: string, lastSeenMs: number): Promise<void> {
    await this.#database.run('UPDATE sessions SET last_seen_ms = $1 WHERE token_hash = $2', [
      lastSeenMs,
      tokenHash,
    ]);
  }

  async removeSession(tokenHash: string): Promise<void> {
    await this.#database.run('DELETE FROM sessions WHERE token_hash = $1', [tokenHash]);
  }

  async removeSessionsOf(user: string, except = ''): Promise<void> {
    await this.#database.run('DELETE FROM sessions WHERE user_name = $1 AND token_hash <> $2', [
      toStored(user),
      except,
    ]);
  }

  async removeExpiredSessions(nowMs: number): Promise<void> {
    await this.#database.run('DELETE FROM sessions WHERE expires_ms <= $1', [nowMs]);
  }

  async addAudit({ timeMs, user, address, action, target, detail }: StoredAudit): Promise<void> {
    await this.#database.transaction(async (session) => {
      const number = (await lastAudit(session)) + 1;
      await session.run('INSERT INTO audit_log VALUES ($1, $2, $3, $4, $5, $6, $7)', [
        ...[number, timeMs],
        ...[user, address, action, target, detail].map((text) => toStored(text.slice(0, 1_024))),
      ]);
      if (this.#added++ % TRIM_EVERY === 0)
        await session.run('DELETE FROM audit_log WHERE number <= $1', [number - MOST_AUDIT_ENTRIES]);
    });
  }

  /** Newest first. */
  async audit(request: {
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly user: string | undefined;
    readonly action: string | undefined;
  }): Promise<{
    readonly entries: readonly (StoredAudit & { readonly id: string })[];
    readonly next: string | undefined;
  }> {
    const { limit, cursor, user, action } = request;
    const before = cursor === undefined ? Number.NaN : Number.parseInt(cursor, 10);
    const rows = await this.#database.all(
      `SELECT * FROM audit_log WHERE number < $1 AND ($2 = '' OR user_name = $2) AND ($3 = '' OR action = $3)
       ORDER BY number DESC LIMIT $4`,
      [
        Number.isSafeInteger(before) ? before : Number.MAX_SAFE_INTEGER,
        toStored(user ?? ''),
        toStored(action ?? ''),
        limit + 1,
      ],
    );
    const entries = rows.slice(0, limit).map((row) => ({
      id: String(row.number),
      timeMs: Number(row.time_ms),
      user: fromStored(row.user_name),
      address: fromStored(row.address),
      action: fromStored(row.action),
      target: fromStored(row.target),
      detail: fromStored(row.detail),
    }));
    return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined };
  }
}

async function lastAudit(session: SqlSession): Promise<number> {
  const [row] = await session.all('SELECT coalesce(max(number), 0) AS number FROM audit_log');
  return Number(row?.number ?? 0);
}

function sessionIn(row: SqlRow): StoredSession {
  return {
    tokenHash: String(row.token_hash),
    user: fromStored(row.user_name),
    via: row.via === 'link' || row.via === 'oidc' ? row.via : 'password',
    csrfToken: String(row.csrf_token),
    createdMs: Number(row.created_ms),
    lastSeenMs: Number(row.last_seen_ms),
    expiresMs: Number(row.expires_ms),
  };
}

function userFrom(row: SqlRow): StoredUser {
  const { role } = row;
  return {
    name: fromStored(row.name),
    role: role === 'admin' || role === 'responder' ? role : 'viewer',
    source: row.source === 'config' || row.source === 'oidc' ? row.source : 'password',
    passwordHash: row.password_hash === null ? undefined : String(row.password_hash),
    createdMs: Number(row.created_ms),
    lastSeenMs: row.last_seen_ms === null ? undefined : Number(row.last_seen_ms),
    isDisabled: Number(row.is_disabled) === 1,
  };
}
