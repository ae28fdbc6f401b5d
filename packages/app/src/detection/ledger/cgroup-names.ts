/**
 * What the numbers of cgroups stand for. Paths are looked up elsewhere, since that means walking a file system; until
 * the answer comes, a cgroup has no name.
 */

import { fromByteText } from '@peregrine/base';
import { matchContainer, type Tables } from '@peregrine/state';
import { OTHER_CGROUPS } from './coverage-ledger.ts';
import type { CgroupName } from './gap-report.ts';

const MOST_PATHS = 16_384;
const unknown: CgroupName = {
  path: undefined,
  containerId: undefined,
  containerName: undefined,
  image: undefined,
};

export class CgroupNames {
  readonly #lookUp: (cgroups: readonly bigint[]) => void;
  /** `undefined`: asked, and not answered or not found. */
  readonly #paths = new Map<bigint, string | undefined>();

  /** `lookUp` is to answer through `learn`, some time. */
  constructor(lookUp: (cgroups: readonly bigint[]) => void) {
    this.#lookUp = lookUp;
  }

  /** Asks for the paths of those that are not known. Each is asked for once, while it is remembered. */
  want(cgroups: Iterable<bigint>): void {
    const missing = [...new Set(cgroups)].filter(
      (cgroup) => cgroup !== OTHER_CGROUPS && !this.#paths.has(cgroup),
    );
    if (missing.length === 0) return;
    if (this.#paths.size + missing.length > MOST_PATHS) this.#paths.clear();
    for (const cgroup of missing) this.#paths.set(cgroup, undefined);
    this.#lookUp(missing);
  }

  learn(paths: Iterable<readonly [bigint, string]>): void {
    for (const [cgroup, path] of paths) this.#paths.set(cgroup, path);
  }

  nameOf(cgroup: bigint, tables: Pick<Tables, 'container'>): CgroupName {
    const path = this.#paths.get(cgroup);
    if (path === undefined) return unknown;
    const match = matchContainer(`cgroup=${path}\0`);
    const metadata = match === undefined ? undefined : tables.container(match.id)?.metadata;
    return {
      path,
      containerId: match?.id,
      containerName: metadata && fromByteText(metadata.name),
      image: metadata && fromByteText(metadata.image),
    };
  }
}
