/** kubectl as a user runs it, with a home of its own. */

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { type Ended, run } from '../program.ts';
import type { Cluster } from './cluster.ts';

/** Why it cannot be run here; part of a skipped test's name. */
export function kubectlObstacle(): string | undefined {
  const missing = ['kubectl', 'script'].find((name) => programFile(name) === undefined);
  return missing === undefined ? undefined : `${missing} is not installed`;
}

export interface KubectlOptions {
  /** Unless set, `admin`. */
  readonly user?: string;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export class Kubectl {
  readonly #cluster: Cluster;
  readonly #home: string;

  /** `home`: a folder in which it may keep what it found out of servers. */
  constructor(cluster: Cluster, home: string) {
    this.#cluster = cluster;
    this.#home = home;
  }

  /** Runs it to its end. */
  ask(
    words: readonly string[],
    { user = 'admin', input, environment = {} }: KubectlOptions = {},
  ): Promise<Ended> {
    return run(programFile('kubectl') ?? 'kubectl', this.#words(user, words), {
      environment: { HOME: this.#home, ...environment },
      ...(input === undefined ? {} : { input }),
    });
  }

  /** The same at a terminal, which shows its output and its errors. */
  askAtTerminal(
    words: readonly string[],
    { user = 'admin', environment = {} }: KubectlOptions = {},
  ): Promise<Ended> {
    const line = [programFile('kubectl') ?? 'kubectl', ...this.#words(user, words)].map(quoted).join(' ');
    return run(programFile('script') ?? 'script', ['-qec', line, '/dev/null'], {
      environment: { HOME: this.#home, ...environment },
    });
  }

  #words(user: string, words: readonly string[]): readonly string[] {
    return ['--kubeconfig', this.#cluster.kubeconfigFor(user).file, ...words];
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function programFile(name: string): string | undefined {
  const files = (process.env.PATH ?? '').split(':').map((folder) => join(folder, name));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
