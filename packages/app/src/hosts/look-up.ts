/**
 * Addresses of host names from the hosts file and by DNS. Not by the C library: a lookup of its own cannot be
 * cancelled, and a program cannot end while one is under way.
 */

import type { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { type IpAddress, parseIp } from '@peregrine/base';
import type { LookUpHost } from '@peregrine/fields';
import { addressesIn, searchNames } from './resolver-files.ts';

const TRY_MS = 1_500;
const TRY_COUNT = 3;

export function createDnsLookUp(): LookUpHost {
  return async (name, signal) => {
    const local = addressesIn(readText('/etc/hosts'), name);
    if (local.length > 0) return parseAll(local);
    // Not imported: few rules compare with host names.
    const dns = process.getBuiltinModule('node:dns/promises');
    const resolver = new dns.Resolver({ timeout: TRY_MS, tries: TRY_COUNT });
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return parseAll(await ask(resolver, searchNames(readText('/etc/resolv.conf'), name)));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

/** Addresses of the first name that has any; throws what stood in the way of the last. */
async function ask(resolver: Resolver, names: readonly string[]): Promise<readonly string[]> {
  let reason: unknown = new Error('it has no address');
  for (const name of names) {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    for (const answer of answers) if (answer.status === 'rejected') reason = answer.reason;
  }
  throw reason;
}

function parseAll(texts: readonly string[]): readonly IpAddress[] {
  return texts.flatMap((text) => parseIp(text) ?? []);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
