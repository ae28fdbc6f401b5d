/** What stores have in common: names within them, and what it means when one says no. */

import { createHash } from 'node:crypto';
import type { Kept } from './artifact-store.ts';

const DIGEST_DIGITS = 12;
/** What file systems take is more than this and a digest; the end of a longer name is kept, too. */
const MOST_NAME = 200;
const MOST_END = 60;

/**
 * Names to try in turn: the second is only for a file whose first name another one has. It tells the content, so that under
 * it there can be nothing else.
 */
export function namesOf(name: string, bytes: Uint8Array): readonly [string, string] {
  const first = safeName(name);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, DIGEST_DIGITS);
  const dot = first.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [first.slice(0, dot), first.slice(dot)] : [first, ''];
  return [first, `${stem}-${digest}${ending}`];
}

/** Nothing in it is a folder, a hidden file or no character. */
function safeName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, '');
  if (safe === '') return 'file';
  return safe.length > MOST_NAME ? `${safe.slice(0, MOST_NAME - MOST_END)}${safe.slice(-MOST_END)}` : safe;
}

/** `prefix/name`: a prefix is a folder, whether a slash ends it or not. */
export function keyBelow(prefix: string, name: string): string {
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  return folder === '' ? name : `${folder}/${name}`;
}

/** A bucket is part of an address. */
export function badBucket(bucket: string): readonly { readonly key: string; readonly why: string }[] {
  return /^[A-Za-z0-9][A-Za-z0-9._-]+$/.test(bucket)
    ? []
    : [{ key: 'bucket', why: 'is no name of a bucket' }];
}

/** Keeping is safe to try again, so that only a clear no is the end of it. `undefined`: there was no answer. */
export function keptOfRefusal(refusal: {
  readonly status: number | undefined;
  readonly reason: string;
  readonly afterMs?: number | undefined;
}): Kept {
  const { status, reason, afterMs } = refusal;
  const isFinal = status !== undefined && status < 500 && ![408, 409, 425, 429].includes(status);
  return isFinal ? { kind: 'refused', reason } : { kind: 'retry', reason, afterMs };
}
