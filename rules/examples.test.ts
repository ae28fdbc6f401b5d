/** The rules shown in README and guides load without an error or a warning: those for alerts on top of the default rules. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createAuditSource, createJsonSource, createSyscallSource } from '@peregrine/fields';
import { type Catalogue, loadRules } from '@peregrine/lang';
import { expect, test } from 'vitest';
import { readResponseRules } from '../packages/actions/src/index.ts';
import { readYamlTree } from '../packages/app/src/config/read-yaml.ts';

const root = join(import.meta.dirname, '..');
const guides = join(root, 'docs', 'guides');
const defaultRules = {
  name: 'peregrine_rules.yaml',
  text: readFileSync(join(import.meta.dirname, 'peregrine_rules.yaml'), 'utf8'),
};
const catalogue: Catalogue<never> = {
  sources: [
    createSyscallSource(),
    createAuditSource(),
    createJsonSource({ name: 'json', pluginName: 'json', fields: {} }),
  ],
  engineVersion: '0.63.0',
  plugins: [{ name: 'container', version: '0.7.1' }],
};

const examples = [join(root, 'README.md'), ...readdirSync(guides).map((name) => join(guides, name))]
  .flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].map((match, i) => ({
      title: `${relative(root, path)}, example ${i + 1}`,
      text: match[1] ?? '',
    })),
  )
  .filter(({ text }) => /^- (rule|macro|list|when|action):/m.test(text));
/** They say what is done. */
const isResponse = ({ text }: { readonly text: string }): boolean => /^ +(do|actions|actionner):/m.test(text);
const responses = examples.filter(isResponse);
const alerting = examples.filter((example) => !isResponse(example));

test('there are examples', () => {
  expect(alerting.length).toBeGreaterThanOrEqual(3);
  expect(responses.length).toBeGreaterThanOrEqual(3);
});

test.each(alerting)('$title', ({ title, text }) => {
  const loaded = loadRules([defaultRules, { name: title, text }], catalogue);
  expect(loaded.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});

test.each(responses)('$title: responses', ({ title, text }) => {
  const { root: tree, diagnostics } = readYamlTree(title, text, (written) => written);
  const read = readResponseRules([tree]);
  expect([...diagnostics, ...read.diagnostics].map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  expect(read.plan?.rules.length).toBeGreaterThan(0);
});
