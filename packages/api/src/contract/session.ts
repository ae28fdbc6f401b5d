/** Signing in, users, and who did what. */

import { z } from 'zod';
import { done, name, pageFields, time } from './common.ts';
import { defineOperation, roles } from './operation.ts';

const role = z.enum(roles);
const tag = 'Session';

export const session = z.object({
  user: z
    .object({
      name: z.string(),
      role,
      via: z
        .enum(['open', 'link', 'password', 'oidc', 'basic'])
        .describe('`open`: nobody is asked, since only this machine can reach the server.'),
    })
    .nullable()
    .describe('`null`: not signed in.'),
  hasPasswords: z.boolean().describe('Users sign in with passwords.'),
  oidc: z
    .object({ title: z.string(), path: z.string() })
    .nullable()
    .describe('Users sign in at an OpenID provider: what the button says, and where it leads.'),
  csrfToken: z.string().describe('To be sent as `X-CSRF-Token` with whatever changes something.'),
  version: z.string(),
  hasDefaultPassword: z.boolean().describe('Somebody can sign in with a password that everybody knows.'),
});
export type Session = z.infer<typeof session>;

export const user = z.object({
  name: z.string(),
  role,
  source: z.enum(['password', 'config', 'oidc']),
  createdAt: time,
  lastSeenAt: time.nullable(),
  isDisabled: z.boolean(),
});
export type User = z.infer<typeof user>;

/** Why somebody comes back from the OpenID provider to `/sign-in?oidc=CODE`, in words. */
export const oidcFailures = {
  denied: 'the provider did not let you in',
  refused: 'the answer of the provider is not valid; the log says why',
  expired: 'that took too long, or was answered already: try again',
  unreachable: 'the provider does not answer; the log says why',
  'no-role': 'you are known, but have no role here: ask who administers this',
  'name-taken': 'your name is that of another user here',
  'bad-name': 'the provider gives no usable name',
  'locked-out': 'you are locked out',
} as const;
export type OidcFailure = keyof typeof oidcFailures;

const password = z.string().min(12).max(1_024).describe('At least 12 characters.');

export const ownSession = z.object({
  via: z.enum(['link', 'password', 'oidc']),
  createdAt: time,
  lastSeenAt: time,
  isThis: z.boolean().describe('The one that asks.'),
});
export type OwnSession = z.infer<typeof ownSession>;

export const auditEntry = z.object({
  id: z.string(),
  time,
  user: z.string(),
  address: z.string(),
  action: z.string().describe('`sign-in`, `sign-in-failed`, `triage`, `rules-changed`...'),
  target: z.string(),
  detail: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const sessionOperations = {
  getSession: defineOperation({
    method: 'GET',
    path: '/session',
    role: 'anyone',
    tag,
    doc: 'Who is signed in, and how one signs in.',
    answer: session,
  }),
  signIn: defineOperation({
    method: 'POST',
    path: '/session',
    role: 'anyone',
    tag,
    doc: 'Signs in with a password.',
    body: z.object({ name, password: z.string().max(1_024) }),
    answer: session,
    failures: {
      401: 'Name or password is wrong.',
      429: 'Too many attempts; `Retry-After` says how long to wait.',
    },
  }),
  signOut: defineOperation({
    method: 'DELETE',
    path: '/session',
    role: 'anyone',
    tag,
    doc: 'Signs out.',
    answer: done,
  }),
  changePassword: defineOperation({
    method: 'PUT',
    path: '/session/password',
    role: 'viewer',
    tag,
    doc: "Changes one's own password; all other sessions of the user end.",
    body: z.object({ current: z.string().max(1_024), next: password }),
    answer: done,
  }),
  listOwnSessions: defineOperation({
    method: 'GET',
    path: '/session/all',
    role: 'viewer',
    tag,
    doc: "One's own sessions that have not ended, the one that was used last first.",
    answer: z.object({ sessions: z.array(ownSession) }),
  }),
  endOtherSessions: defineOperation({
    method: 'DELETE',
    path: '/session/others',
    role: 'viewer',
    tag,
    doc: "Ends all of one's own sessions but the one that asks.",
    answer: done,
  }),
  listUsers: defineOperation({
    method: 'GET',
    path: '/users',
    role: 'admin',
    tag,
    doc: 'All users.',
    answer: z.object({ users: z.array(user) }),
  }),
  addUser: defineOperation({
    method: 'POST',
    path: '/users',
    role: 'admin',
    tag,
    doc: 'Adds a user with a password.',
    body: z.object({ name, role, password }),
    answer: user,
    failures: { 409: 'There is a user of that name.' },
  }),
  changeUser: defineOperation({
    method: 'PATCH',
    path: '/users/{name}',
    role: 'admin',
    tag,
    doc: "Changes a user's role or password, or locks the user out.",
    body: z.object({
      role: role.optional(),
      password: password.optional(),
      isDisabled: z.boolean().optional(),
    }),
    answer: user,
    failures: { 409: 'Nobody would be left who may change users.' },
  }),
  removeUser: defineOperation({
    method: 'DELETE',
    path: '/users/{name}',
    role: 'admin',
    tag,
    doc: 'Removes a user and ends the sessions.',
    answer: done,
    failures: { 409: 'Nobody would be left who may change users.' },
  }),
  endSessions: defineOperation({
    method: 'DELETE',
    path: '/users/{name}/sessions',
    role: 'admin',
    tag,
    doc: 'Ends all sessions of a user, who can sign in again.',
    answer: done,
    failures: { 404: 'There is no such user.' },
  }),
  listAuditLog: defineOperation({
    method: 'GET',
    path: '/audit-log',
    role: 'admin',
    tag,
    doc: 'Who did what, newest first.',
    query: z.object({
      ...pageFields,
      user: z.string().max(256).optional(),
      action: z.string().max(64).optional(),
    }),
    answer: z.object({ entries: z.array(auditEntry), next: z.string().nullable() }),
  }),
};
