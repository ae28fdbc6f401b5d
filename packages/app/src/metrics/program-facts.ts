/** What is known of the program from its start or latest reload on, and of the machine from its own. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus, networkInterfaces, release } from 'node:os';
import { basename } from 'node:path';
import type { RuleFile } from '../rules/rule-files.ts';

export interface FileDigest {
  /** Base name. */
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface NetworkAddresses {
  readonly name: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export interface ProgramFacts {
  /** Nanoseconds since the epoch, as are the others. */
  readonly startNs: bigint;
  readonly reloadNs: bigint;
  readonly hostBootNs: bigint;
  readonly kernelRelease: string;
  readonly cpuCount: number;
  readonly rulesFiles: readonly FileDigest[];
  readonly configFiles: readonly FileDigest[];
  /** All but the loopback. */
  readonly interfaces: readonly NetworkAddresses[];
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** `configFiles`: paths; those that cannot be read, folders among them, are left out. */
export function readProgramFacts(
  startMs: number,
  {
    ruleFiles,
    configFiles,
  }: { readonly ruleFiles: readonly RuleFile[]; readonly configFiles: readonly string[] },
): ProgramFacts {
  return {
    startNs: BigInt(Math.floor(startMs)) * NS_PER_MS,
    reloadNs: BigInt(Date.now()) * NS_PER_MS,
    hostBootNs: bootTimeNs(),
    kernelRelease: release(),
    cpuCount: cpus().length,
    rulesFiles: ruleFiles.map(({ name, text }) => ({ name: basename(name), sha256: sha256(text) })),
    configFiles: configFiles.flatMap(digestOf),
    interfaces: readInterfaces(),
  };
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function digestOf(path: string): readonly FileDigest[] {
  try {
    return [{ name: basename(path), sha256: sha256(readFileSync(path)) }];
  } catch {
    return [];
  }
}

function bootTimeNs(): bigint {
  const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
  return BigInt(seconds ?? 0) * NS_PER_SECOND;
}

function readInterfaces(): readonly NetworkAddresses[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) => {
    if (entries.some(({ internal }) => internal)) return [];
    const of = (family: string): readonly string[] =>
      entries.filter((entry) => entry.family === family).map(({ address }) => address);
    return [{ name, ipv4: of('IPv4'), ipv6: of('IPv6') }];
  });
}
