/** Rules are found good or wrong in the browser as they are by the program, though the browser knows of the language by data only. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../packages/app/src/rules/catalogue.ts';
import { factsOf } from '../packages/app/src/ui/rules/language-facts.ts';
import { readJsonLines } from '../packages/lang/testing/corpora.ts';
import { catalogueOf } from '../ui/src/language/catalogue.ts';
import { checkFiles } from '../ui/src/language/check.ts';
import type { RulesText } from '../ui/src/language/messages.ts';
import { root } from './program.ts';

const catalogue = createCatalogue({ static_fields: { site: 'north' } });
/** As it comes over the wire. */
const facts = JSON.parse(JSON.stringify(factsOf(catalogue))) as ReturnType<typeof factsOf>;
const inBrowser = catalogueOf(facts);

/** Reasons are worded for the one who reads them: what counts is that there is one, and where. */
const comparable = (files: readonly RulesText[], of: typeof inBrowser): unknown => {
  const { findings, ...rest } = checkFiles(files, of);
  return {
    ...rest,
    findings: findings.map(({ message, ...finding }) => ({ ...finding, message: message.split(':')[0] })),
  };
};

function filesBelow(folder: string): readonly RulesText[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}

describe('rules in the browser', () => {
  test.each(filesBelow(join(root, 'rules')))('$name', (file) => {
    expect(comparable([file], inBrowser)).toEqual(comparable([file], catalogue));
  });

  test('rules that are defined anew are where they are written last, in the order of lines', () => {
    const rule = (name: string): string =>
      `- rule: ${name}\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: NOTICE\n`;
    const files = [
      { name: 'a.yaml', text: rule('A') + rule('B') },
      { name: 'b.yaml', text: rule('B') + rule('A') },
    ];
    expect(checkFiles(files, inBrowser).rules).toMatchObject([
      { name: 'B', file: 'b.yaml', line: 1 },
      { name: 'A', file: 'b.yaml', line: 6 },
    ]);
  });

  test('documents that are wrong in many ways', () => {
    const cases = readJsonLines<{ readonly rules: string }>('loading/mutated.jsonl.gz');
    expect(cases.length).toBeGreaterThan(300);
    for (const { rules } of cases) {
      const files = [{ name: 'rules.yaml', text: rules }];
      expect(comparable(files, inBrowser), rules).toEqual(comparable(files, catalogue));
    }
  });

  test.each([
    'evt.arg.flags contains x',
    'evt.arg.nonsense = x',
    'evt.arg[0] = x',
    'evt.arg = x',
    'evt.rawarg.fd = 3',
    'evt.rawarg.fd = x',
    'evt.rawarg[0] = 3',
    'proc.aname[2] = x',
    'proc.aname[x] = x',
    'proc.aname = x',
    'proc.env[HOME] = /root',
    'proc.name[1] = x',
    'thread.cgroup.cpu = x',
    'static.site = north',
    'static.other = north',
    'evt.type.is.open = 1',
    'evt.abspath.src = /x',
    'fd.sip.name = localhost',
    'fd.sport = many',
    'fd.snet = 10.0.0.0/8',
    'proc.nam = x',
    'evt.type = opne',
    'evt.type in (open, openat) and evt.dir = <',
    'tolower(proc.name) = x',
    'basename(fd.num) = 1',
    'proc.name in (1, "two")',
    'proc.name regex "("',
    'proc.args pmatch (/etc)',
    'concat(proc.name, 1) = x',
    'k8s.pod.labels[app] = x',
    'k8s.pod.label.app = x',
    'container.image.repository glob *x*',
    'evt.time > 1',
    'evt.source = syscall',
    'proc.name = val(proc.pname)',
    'not a macro',
    '((',
    '',
  ])('syscall: %s', (condition) => {
    expectSame('syscall', condition);
  });

  test.each([
    'ka.verb = create',
    'ka.req.pod.containers.image intersects (a, b)',
    'ka.target.name[0] = x',
    'jevt.value[/a/b] = x',
    'jevt.value = x',
    'jevt.obj exists',
    'ka.nothing = x',
    'proc.name = x',
    'evt.type = pluginevent',
  ])('k8s_audit: %s', (condition) => {
    expectSame('k8s_audit', condition);
  });
});

function expectSame(source: string, condition: string): void {
  const text = `- rule: R\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: "%evt.time %evt.num"\n  priority: NOTICE\n  source: ${source}\n`;
  const files = [{ name: 'rules.yaml', text }];
  expect(comparable(files, inBrowser)).toEqual(comparable(files, catalogue));
}
