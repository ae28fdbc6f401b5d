/** Setups made in memory, for tests: rules and configuration as text. */

import { type Config, checkConfig } from '../src/config/config.ts';
import { readYamlTree } from '../src/config/read-yaml.ts';
import type { Setup } from '../src/detection/setup.ts';

/** The configuration that a falco.yaml says; throws when it is a bad one. */
export function configOf(yaml = ''): Config {
  const { root } = readYamlTree('falco.yaml', yaml, (text) => text);
  const { config, diagnostics } = root === undefined ? { diagnostics: [] } : checkConfig(root);
  if (config === undefined || diagnostics.length > 0)
    throw new Error(`not a good configuration: ${yaml} ${diagnostics.map(({ message }) => message)}`);
  return config;
}

export function setupOf(rules: readonly string[], yaml = ''): Setup {
  return { config: configOf(yaml), ruleFiles: rules.map((text, i) => ({ name: `${i}.yaml`, text })) };
}
