/** Passwords as they are kept: scrypt with a salt of its own, and never more of them computed at once than two. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and about a tenth of a second each (OWASP's password storage cheat sheet: N = 2^15, r = 8, p = 3). */
const COST = { N: 32_768, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 32;
const MOST_AT_ONCE = 2;
const MOST_WAITING = 32;

/** So many sign-ins wait already that another would only make it worse. */
export class TooManyAtOnce extends Error {}

let runningCount = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer): Promise<Buffer> {
  if (runningCount >= MOST_AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw new TooManyAtOnce('too many passwords are being checked');
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  runningCount++;
  try {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
    return await promise;
  } finally {
    runningCount--;
    waiting.shift()?.();
  }
}

/** `scrypt$SALT$KEY`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt);
  return `scrypt$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

const NOBODY = `scrypt$${randomBytes(16).toString('base64url')}$${randomBytes(KEY_BYTES).toString('base64url')}`;

/** Takes as long for a user that there is none of (`undefined`), and says no. */
export async function isPassword(hash: string | undefined, password: string): Promise<boolean> {
  const [kind, salt = '', key = ''] = (hash ?? NOBODY).split('$');
  const wanted = Buffer.from(key, 'base64url');
  const found = await derive(password, Buffer.from(salt, 'base64url'));
  return (
    kind === 'scrypt' &&
    wanted.length === found.length &&
    timingSafeEqual(wanted, found) &&
    hash !== undefined
  );
}

const common = new Set([
  'admin',
  'password',
  'peregrine',
  'falco',
  'falcosidekick',
  'changeme',
  'secret',
  'root',
  'test',
  '123456789012',
]);

/** Why nobody should have this password; `undefined`: it may do. */
export function weaknessOf(name: string, password: string): string | undefined {
  const folded = password.toLowerCase();
  if (common.has(folded) || folded === name.toLowerCase()) return 'everybody would guess it';
  if ([...password].length < 12) return 'it has fewer than 12 characters';
  return new Set(password).size < 4 ? 'it is made of very few characters' : undefined;
}
