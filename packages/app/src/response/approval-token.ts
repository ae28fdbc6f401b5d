/**
 * Tokens of approval links: a run and the time until which it may be approved, signed. Whoever has one may decide about that
 * run. That it works once is not its own affair: only a run that waits can be decided.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';

/** What a token says. */
export type ReadToken =
  | { readonly kind: 'run'; readonly runId: string; readonly expiresMs: number }
  | { readonly kind: 'expired'; readonly runId: string }
  /** Nothing that was signed with this key. */
  | { readonly kind: 'invalid' };

const KEY_FILE = 'approval-key';
const KEY_BYTES = 32;
const OTHERS = 0o077;
/** Signatures for something else are none for this. */
const PURPOSE = 'peregrine approval 1';
const SHAPE = /^([\w-]{1,64})\.([1-9]\d{0,15})\.([\w-]{43})$/;

export class ApprovalTokens {
  readonly #key: Buffer;

  /** `key`: 256 bits. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** With the key in that folder, which is made when there is none. Throws a `Fault` when it cannot be used. */
  static open(folder: string): ApprovalTokens {
    const path = join(folder, KEY_FILE);
    try {
      if (!existsSync(path)) makeKey(path);
      if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, 0o600);
      const key = readFileSync(path);
      if (key.length === KEY_BYTES) return new ApprovalTokens(key);
    } catch (error) {
      throw new Fault('approval-key', `cannot use \`${path}\`, the key of approval links`, { cause: error });
    }
    throw new Fault(
      'approval-key',
      `\`${path}\`, the key of approval links, does not have ${KEY_BYTES} bytes`,
      {
        hint: 'remove it: another one is made, and links that were sent before stop working',
      },
    );
  }

  /** `expiresMs`: since the epoch; fractions of a millisecond are cut. */
  create(runId: string, expiresMs: number): string {
    const expires = String(Math.floor(expiresMs));
    return `${runId}.${expires}.${this.#sign(runId, expires)}`;
  }

  /** `nowMs`: since the epoch. */
  read(token: string, nowMs: number): ReadToken {
    const [, runId, expires, signature] = SHAPE.exec(token) ?? [];
    if (runId === undefined || expires === undefined || signature === undefined) return { kind: 'invalid' };
    const wanted = Buffer.from(this.#sign(runId, expires));
    // The shape has seen to it that both are of the same length.
    if (!timingSafeEqual(Buffer.from(signature), wanted)) return { kind: 'invalid' };
    const expiresMs = Number(expires);
    return nowMs < expiresMs ? { kind: 'run', runId, expiresMs } : { kind: 'expired', runId };
  }

  #sign(runId: string, expires: string): string {
    return createHmac('sha256', this.#key).update(`${PURPOSE}\n${runId}\n${expires}`).digest('base64url');
  }
}

/** Whole or not at all. */
function makeKey(path: string): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  renameSync(beside, path);
}

/** The address to send to whoever is to approve. `origin`: where people open the web interface, `https://hub.example.org`. */
export const approvalLink = (origin: string, token: string): string =>
  `${origin}/response/approve?token=${encodeURIComponent(token)}`;
