/**
 * Random conditions over recorded events: which events match, compared with the reference's answer. Every condition
 * that matches other events is listed here with the reason.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createSyscallSource } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources';
import { StateEngine } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { createRuleset } from './ruleset.ts';

interface Recorded {
  readonly condition: string;
  readonly valid: boolean;
  readonly sha1: string;
}

/**
 * COMPAT: conditions were answered in batches, and where one of a batch has an operator that `fd.cip.name` and its
 * like do not take, the whole batch ends with the first event that has such an address. Then only the events up to
 * that one count.
 */
const captures = [
  { name: 'host', lastOfEndedBatch: 13_907 },
  { name: 'container', lastOfEndedBatch: 7_855 },
] as const;

const knownDifferences: readonly { readonly why: string; readonly conditions: readonly RegExp[] }[] = [
  {
    why: 'the reference shows the directory in place of the file below it',
    conditions: [/^evt\.failed != false and fs\.path\.name contains db$/, /^fs\.path\.name icontains oneof/],
  },
  { why: 'counts reads', conditions: [/util\.cnt/] },
  {
    why: 'the reference attaches threads that begin in a pid namespace to another process',
    conditions: [/^proc\.sname (contains|icontains|regex)/, /or proc\.stdout\.name != \/dev\/pts\/0$/],
  },
  { why: 'the reference finds no kind of fd after `tolower`', conditions: [/^tolower\(fd\.types\) in/] },
  { why: 'the reference misses listening sockets in a list of addresses', conditions: [/^fd\.ip in \(/] },
];

function sha1Of(numbers: readonly number[]): string {
  return createHash('sha1').update(numbers.join(',')).digest('hex');
}

describe.each(captures)('conditions on $name', ({ name, lastOfEndedBatch }) => {
  const corpora = new URL('../../../corpora/', import.meta.url);
  const lines = gunzipSync(readFileSync(new URL(`conditions/${name}.jsonl.gz`, corpora)));
  const recorded: readonly Recorded[] = lines
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

  test('match the events that the reference says', () => {
    const source = createSyscallSource();
    const text = JSON.stringify(
      recorded.flatMap(({ condition, valid }, index) =>
        valid ? [{ rule: String(index), desc: '-', condition, output: '-', priority: 'DEBUG' }] : [],
      ),
    );
    const { rules } = loadRules([{ name: 'conditions.yaml', text }], {
      sources: [source],
      engineVersion: '0.63.0',
      plugins: [{ name: 'container', version: '0.7.1' }],
    });
    expect(rules.length).toBe(recorded.filter(({ valid }) => valid).length);
    const { matchers } = createRuleset(rules, source, {
      matching: 'all',
      isTimeIso8601: false,
      isBufferBase64: false,
    });
    const matches = rules.map((): number[] => []);
    const hits = new Int32Array(rules.length);
    const state = new StateEngine();
    const input = openCapture(fileURLToPath(new URL(`captures/${name}/${name}.scap.gz`, corpora)));
    try {
      while (
        input.poll(
          state.sink,
          (view) => {
            const event = state.apply(view);
            if (event === undefined) return;
            const count = matchers[view.code]?.(event, hits) ?? 0;
            for (let i = 0; i < count; i++) matches[hits[i] ?? 0]?.push(event.num);
          },
          10_000,
        ) !== 'end'
      );
    } finally {
      input.close();
    }
    const unexplained = rules.flatMap((rule, i) => {
      const { condition, sha1 } = recorded[Number(rule.name)] ?? { condition: '', sha1: '' };
      const matched = matches[i] ?? [];
      if (sha1Of(matched) === sha1) return [];
      if (sha1Of(matched.filter((num) => num <= lastOfEndedBatch)) === sha1) return [];
      const isKnown = knownDifferences.some(({ conditions }) =>
        conditions.some((known) => known.test(condition)),
      );
      return isKnown ? [] : [condition];
    });
    expect(unexplained).toEqual([]);
  });
});
