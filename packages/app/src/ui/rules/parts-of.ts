/** Macros and lists that a condition stands on. */

import type { RuleDetail } from '@peregrine/api/contract';
import type { LoadedRules } from '@peregrine/lang';

/** Not a part of a field's name, nor in quotes. */
const NAME = /(?<![\w.\]"'-])[\w-]+(?![\w.["'-])/g;

/** Those that the text names, then those that these name, each once, in the order in which they are met. */
export function partsOf(
  condition: string,
  { macros, lists }: Pick<LoadedRules<never>, 'macros' | 'lists'>,
): RuleDetail['parts'] {
  const known = new Map<string, RuleDetail['parts'][number]>([
    ...lists.map(
      ({ name, writtenItems }) =>
        [name, { kind: 'list' as const, name, text: writtenItems.join(', ') }] as const,
    ),
    ...macros.map(
      ({ name, writtenCondition }) =>
        [name, { kind: 'macro' as const, name, text: writtenCondition.trim() }] as const,
    ),
  ]);
  const found = new Map<string, RuleDetail['parts'][number]>();
  const texts = [condition];
  for (let text = texts.shift(); text !== undefined; text = texts.shift()) {
    for (const [word] of text.matchAll(NAME)) {
      const part = known.get(word);
      if (part === undefined || found.has(word)) continue;
      found.set(word, part);
      texts.push(part.text);
    }
  }
  return [...found.values()];
}
