/** What the rule language is told of the world: the sources that this program has, and the versions it claims. */

import { createAuditSource, createSyscallSource, type HostNames } from '@peregrine/fields';
import type { Catalogue, Source } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { versions } from '../versions.ts';

/** Plugins of the reference whose fields and events are built in. */
export const builtInPlugins = Object.freeze([
  { name: 'container', version: '0.7.1' },
  { name: 'k8saudit', version: '0.18.0' },
  { name: 'json', version: '0.7.0' },
]);

/** Sources read events of different types, so that only a source's own rules may be given its events. */
export interface AppCatalogue extends Catalogue<never> {
  /** Events of the kernel, live or recorded. */
  readonly syscall: Source<EventContext>;
}

/** Without `hostNames`, no host name that a rule compares with has an address. */
export function createCatalogue(
  config: { readonly static_fields: Readonly<Record<string, string>> },
  hostNames?: HostNames,
  nodeName?: string,
): AppCatalogue {
  const syscall = createSyscallSource({
    staticFields: config.static_fields,
    nodeName,
    ...(hostNames === undefined ? {} : { hostNames }),
  });
  return {
    syscall,
    sources: [syscall, createAuditSource()],
    engineVersion: versions.engineVersion,
    plugins: builtInPlugins,
  };
}
