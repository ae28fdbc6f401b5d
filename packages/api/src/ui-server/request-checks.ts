/** What every request has to pass: the name it calls us by, where it comes from, what its caller may, what it says. */

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type Role, roles } from '../contract/index.ts';
import { ApiError } from './handlers.ts';
import type { Identity } from './sign-in.ts';

/** Whether no other machine reaches it. */
export const isLoopback = (address: string): boolean => /^(?:127\.|::1$|localhost$)/.test(address);

/** A page elsewhere must not reach us under a name of its own (DNS rebinding). */
export function checkHost(request: IncomingMessage, publicName: string | undefined): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (['localhost', '[::1]', publicName].includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host)) return;
  throw new ApiError(421, 'wrong-host', `this server is not called \`${host.slice(0, 200)}\``, {
    hint: 'open it as http://localhost, or set `ui.publicurl`',
  });
}

/** A request that another site had a browser make. `publicHost`: how a proxy in front is called. */
export function checkOrigin(request: IncomingMessage, publicHost: string | undefined): void {
  const origin = headerOf(request, 'origin');
  const own = [request.headers.host?.toLowerCase(), publicHost];
  const isForeign = origin !== undefined && !(URL.canParse(origin) && own.includes(new URL(origin).host));
  const isCrossSite = ['cross-site', 'same-site'].includes(headerOf(request, 'sec-fetch-site') ?? '');
  if (isForeign || isCrossSite)
    throw new ApiError(403, 'cross-site', 'requests of other sites are not answered');
}

/** The page proves with its token that a request with its cookie is its own. */
export function checkCsrfToken(request: IncomingMessage, identity: Identity | undefined): void {
  const wanted = identity?.csrfToken;
  if (wanted === undefined || isSame(headerOf(request, 'x-csrf-token') ?? '', wanted)) return;
  throw new ApiError(403, 'csrf', 'the header `X-CSRF-Token` is missing or wrong', {
    hint: 'load the page again',
  });
}

/** In a time that tells nothing of how much of it is right. */
function isSame(one: string, other: string): boolean {
  const [given, wanted] = [Buffer.from(one), Buffer.from(other)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

export function checkRole(identity: Identity | undefined, needed: Role | 'anyone'): void {
  if (needed === 'anyone') return;
  if (identity === undefined) throw new ApiError(401, 'not-signed-in', 'sign in first');
  if (roles.indexOf(identity.caller.role) < roles.indexOf(needed))
    throw new ApiError(403, 'not-allowed', `this is for ${needed}s`, {
      hint: `you are signed in as ${identity.caller.role}`,
    });
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The value as the schema has it. Throws an `ApiError` that says what is wrong where. */
export function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => ({
    message: `${path.length === 0 ? 'the body' : `\`${path.join('.')}\``}: ${message}`,
  }));
  throw new ApiError(400, 'bad-request', places[0]?.message ?? 'the request is wrong', { places });
}
