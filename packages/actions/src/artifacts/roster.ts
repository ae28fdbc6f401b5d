/** Every store that rules may name. */

import type { ArtifactStore } from './artifact-store.ts';

export const artifactStores: readonly ArtifactStore[] = [];
