/** Plugins that come along. */

import { cloudtrail } from './cloudtrail.ts';
import { github } from './github.ts';
import { json } from './json.ts';
import { k8saudit } from './k8saudit.ts';
import { k8sauditEks } from './k8saudit-eks.ts';
import type { SourcePlugin } from './source-plugin.ts';

export const pluginRoster: readonly SourcePlugin[] = [k8saudit, k8sauditEks, json, cloudtrail, github];

/** Rules that come along for sources, for when none are named. */
export function rulesOfSources(sources: readonly string[]): readonly string[] {
  const files = pluginRoster.flatMap(({ source, rules }) =>
    rules !== undefined && sources.includes(source) ? [rules] : [],
  );
  return [...new Set(files)];
}

/** Plugins of the reference that give no events of their own, and whose part is built in. */
export const builtInParts: readonly { readonly name: string; readonly version: string }[] = [
  { name: 'container', version: '0.7.1' },
];
