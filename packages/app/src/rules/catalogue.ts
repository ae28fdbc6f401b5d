/** What the rule language is told of the world: the sources that this program has, and the versions it claims. */

import { createSyscallSource } from '@peregrine/fields';
import type { Catalogue } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { versions } from '../versions.ts';

/** Plugins of the reference whose fields and events are built in. */
export const builtInPlugins = Object.freeze([{ name: 'container', version: '0.7.1' }]);

export function createCatalogue(config: {
  readonly static_fields: Readonly<Record<string, string>>;
}): Catalogue<EventContext> {
  return {
    sources: [createSyscallSource({ staticFields: config.static_fields })],
    engineVersion: versions.engineVersion,
    plugins: builtInPlugins,
  };
}
