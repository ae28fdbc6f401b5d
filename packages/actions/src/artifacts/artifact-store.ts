/** Where files go that actions give: what a store declares. COMPAT: Talon calls them outputs. */

import type { Keys, ObjectOf, ObjectSchema } from '@peregrine/base';
import type { Artifact, ParameterRefusal } from '../action.ts';
import type { HubSection } from '../hub-section.ts';

/** What stores may know of the hub beside the parameters in the rule. */
export interface ArtifactContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export type Kept =
  | { readonly kind: 'kept'; readonly place: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined };

export interface ArtifactStoreDeclaration<K extends Keys, S extends Keys> {
  /** `category:name`, as `target` has it: `local:file`. */
  readonly name: string;
  readonly doc: string;
  readonly parameters: ObjectSchema<K>;
  /** Keys of the hub's configuration, in the section that is named; for credentials, which are no affair of rules. */
  readonly settings?: HubSection<S>;
  readonly refuses?: (parameters: ObjectOf<K>) => readonly ParameterRefusal[];
  /**
   * Keeps a file under a name of its own; again under the same name is the same file. Resolves whatever happens outside.
   * `name` is an object's name without folders, made by the responder.
   */
  readonly keep: (
    artifact: Artifact,
    name: string,
    parameters: ObjectOf<K>,
    settings: ObjectOf<S>,
    context: ArtifactContext,
  ) => Promise<Kept>;
}

/** As rosters hold it. */
export interface ArtifactStore {
  readonly name: string;
  readonly doc: string;
  readonly parameters: ObjectSchema<Keys>;
  readonly settings?: HubSection;
  readonly refuses: (parameters: Readonly<Record<string, unknown>>) => readonly ParameterRefusal[];
  readonly keep: (
    artifact: Artifact,
    name: string,
    parameters: Readonly<Record<string, unknown>>,
    settings: Readonly<Record<string, unknown>>,
    context: ArtifactContext,
  ) => Promise<Kept>;
}

/** Declares a store. */
export function defineArtifactStore<K extends Keys, S extends Keys = Record<never, never>>(
  declaration: ArtifactStoreDeclaration<K, S>,
): ArtifactStore {
  // Parameters and settings come from the declaration's own schemas, and from nowhere else.
  return Object.freeze({ refuses: () => [], ...declaration }) as unknown as ArtifactStore;
}
