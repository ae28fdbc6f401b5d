/** Plugins that come along. */

import { json } from './json.ts';
import { k8saudit } from './k8saudit.ts';
import type { SourcePlugin } from './source-plugin.ts';

export const pluginRoster: readonly SourcePlugin[] = [k8saudit, json];

/** Plugins of the reference that give no events of their own, and whose part is built in. */
export const builtInParts: readonly { readonly name: string; readonly version: string }[] = [
  { name: 'container', version: '0.7.1' },
];
