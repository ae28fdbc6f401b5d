/** `append_output`, as the rule language takes it. */

import type { ConfigNode, Diagnostic } from '@peregrine/base';
import type { OutputAddition } from '@peregrine/lang';
import { badExtraFields } from './diagnostics.ts';

type ExtraField = NonNullable<OutputAddition['extraFields']>[number];

interface Entry {
  readonly match:
    | {
        readonly source: string | undefined;
        readonly tags: readonly string[] | undefined;
        readonly rule: string | undefined;
      }
    | undefined;
  readonly extra_output: string | undefined;
  readonly extra_fields: ConfigNode | undefined;
  readonly suggested_output: boolean;
}

export interface ReadAdditions {
  readonly additions: readonly OutputAddition[];
  readonly diagnostics: readonly Diagnostic[];
}

export function readOutputAdditions(entries: readonly Entry[]): ReadAdditions {
  const diagnostics: Diagnostic[] = [];
  const additions = entries.map(({ match, extra_output, extra_fields, suggested_output }, i) => ({
    source: match?.source || undefined,
    rule: match?.rule || undefined,
    tags: match?.tags,
    extraOutput: extra_output,
    extraFields: readExtraFields(extra_fields, `append_output[${i}].extra_fields`, diagnostics),
    suggestsFields: suggested_output,
  }));
  return { additions, diagnostics };
}

function readExtraFields(
  node: ConfigNode | undefined,
  path: string,
  diagnostics: Diagnostic[],
): readonly ExtraField[] | undefined {
  if (node === undefined || (node.kind === 'scalar' && node.isNull)) return undefined;
  if (node.kind !== 'list') {
    diagnostics.push(badExtraFields.at({ span: node.span }, path, 'a list is needed'));
    return undefined;
  }
  const names = new Set<string>();
  return node.items.flatMap((item, i) => {
    const read = readExtraField(item);
    const why =
      typeof read === 'string' ? read : names.has(read.name) ? `\`${read.name}\` comes twice` : undefined;
    if (why !== undefined || typeof read === 'string') {
      diagnostics.push(badExtraFields.at({ span: item.span }, `${path}[${i}]`, why ?? ''));
      return [];
    }
    names.add(read.name);
    return [read.format === undefined ? read.name : { name: read.name, format: read.format }];
  });
}

/** What is wrong with it, as text. */
function readExtraField(
  item: ConfigNode,
): { readonly name: string; readonly format: string | undefined } | string {
  if (item.kind === 'scalar') return { name: item.text, format: undefined };
  const [entry, ...others] = item.kind === 'map' ? [...item.entries] : [];
  if (entry === undefined || others.length > 0) return 'one field, or one name with a format, is needed';
  const [name, format] = entry;
  return format.kind === 'scalar' ? { name, format: format.text } : `\`${name}\` needs a format as text`;
}
