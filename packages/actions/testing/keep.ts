/** Keeps a file in a store, with parameters as a rules file has them. */

import { readTree } from '@peregrine/base';
import type { Artifact } from '../src/action.ts';
import type { ArtifactStore, Kept } from '../src/artifacts/artifact-store.ts';
import { nodeOf } from './node-of.ts';

export interface KeepFacts {
  readonly name?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

export const FILE_NAME = '2026-01-31T09-08-07Z_default_alpine_etc_passwd.txt';

export function artifactOf(content: string): Artifact {
  return { name: 'etc_passwd.txt', contentType: 'text/plain', bytes: Buffer.from(content, 'utf8') };
}

/** What schema and store say is wrong with parameters. */
export function storeProblems(store: ArtifactStore, parameters: unknown): readonly string[] {
  const { value, diagnostics } = readTree(store.parameters, nodeOf(parameters));
  if (value === undefined) return diagnostics.map(({ message }) => message);
  return store.refuses(value).map(({ key, why }) => `\`${key}\` ${why}`);
}

/** Throws where the parameters cannot be used. */
export async function keep(
  store: ArtifactStore,
  parameters: unknown,
  artifact: Artifact,
  { name = FILE_NAME, settings = {}, signal = new AbortController().signal }: KeepFacts = {},
): Promise<Kept> {
  const problems = storeProblems(store, parameters);
  const { value } = readTree(store.parameters, nodeOf(parameters));
  if (value === undefined || problems.length > 0) throw new Error(problems.join('\n'));
  return store.keep(artifact, name, value, settings, { environment: {}, signal });
}
