/** Users, sessions and the audit log, as the server needs them kept. Times are milliseconds since the epoch. */

import type { Role } from '../contract/index.ts';

export interface UserRecord {
  readonly name: string;
  readonly role: Role;
  readonly source: 'password' | 'config' | 'oidc';
  /** `scrypt$...`; `oidc$...`: who it is at the provider, which no password fits; `undefined`: has none. */
  readonly passwordHash: string | undefined;
  readonly createdMs: number;
  readonly lastSeenMs: number | undefined;
  readonly isDisabled: boolean;
}

export interface SessionRecord {
  /** SHA-256 of the cookie's value, hex: who reads the database cannot sign in with it. */
  readonly tokenHash: string;
  readonly user: string;
  readonly via: 'link' | 'password' | 'oidc';
  readonly csrfToken: string;
  readonly createdMs: number;
  readonly lastSeenMs: number;
  readonly expiresMs: number;
}

export interface AuditRecord {
  readonly timeMs: number;
  readonly user: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
}

export interface AccountRecords {
  users(): Promise<readonly UserRecord[]>;
  user(name: string): Promise<UserRecord | undefined>;
  /** False: there is one of that name. */
  addUser(user: UserRecord): Promise<boolean>;
  changeUser(
    name: string,
    change: Partial<Pick<UserRecord, 'role' | 'passwordHash' | 'lastSeenMs' | 'isDisabled'>>,
  ): Promise<boolean>;
  removeUser(name: string): Promise<boolean>;

  addSession(session: SessionRecord): Promise<void>;
  session(tokenHash: string): Promise<SessionRecord | undefined>;
  /** The one that was seen last comes first; some may have expired. */
  sessionsOf(user: string): Promise<readonly SessionRecord[]>;
  touchSession(tokenHash: string, lastSeenMs: number): Promise<void>;
  removeSession(tokenHash: string): Promise<void>;
  /** `except`: the one that stays. */
  removeSessionsOf(user: string, except?: string): Promise<void>;
  removeExpiredSessions(nowMs: number): Promise<void>;

  addAudit(entry: AuditRecord): Promise<void>;
  /** Newest first. */
  audit(request: {
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly user: string | undefined;
    readonly action: string | undefined;
  }): Promise<{
    readonly entries: readonly (AuditRecord & { readonly id: string })[];
    readonly next: string | undefined;
  }>;
}
