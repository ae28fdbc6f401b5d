/** The `override` of an item: which of its keys append and which replace. */

import { overrideNotAllowed, overrideOperationUnknown, valueNotScalar } from '../diagnostics/structure.ts';
import { overrideNotAMapping } from '../diagnostics/warnings.ts';
import { type Context, contextOf, placeOf, type Report } from './context.ts';
import { type Decoded, decoded, failed } from './decode.ts';
import { valueAt, type YamlMapping } from './yaml-node.ts';

export interface Overrides {
  readonly append: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
}

export function readOverrides(
  item: YamlMapping,
  keys: { readonly appendable: readonly string[]; readonly replaceable: readonly string[] },
  parent: Context,
  report: Report,
): Decoded<Overrides> {
  const append = new Set<string>();
  const replace = new Set<string>();
  const node = valueAt(item, 'override');
  if (node === undefined) return decoded({ append, replace });
  const context = contextOf(parent, 'overrides', '', node);
  if (node.kind !== 'mapping') {
    report.add(overrideNotAMapping.at(placeOf(context)));
    return decoded({ append, replace });
  }
  for (const { key, value } of node.entries) {
    const name = key.kind === 'scalar' ? key.value : '';
    const inner = contextOf(context, 'overrides', name, key);
    if (value.kind !== 'scalar' || key.kind !== 'scalar') {
      report.add(valueNotScalar.at(placeOf(inner), name));
      return failed;
    }
    const operation = value.value;
    if (operation !== 'append' && operation !== 'replace') {
      report.add(overrideOperationUnknown.at(placeOf(inner), name, operation));
      return failed;
    }
    const allowed = operation === 'append' ? keys.appendable : keys.replaceable;
    if (!allowed.includes(name)) {
      const other = operation === 'append' ? keys.replaceable : keys.appendable;
      const otherName = operation === 'append' ? 'replace' : 'append';
      report.add(
        overrideNotAllowed.at(placeOf(inner), name, operation, other.includes(name) ? otherName : undefined),
      );
      return failed;
    }
    (operation === 'append' ? append : replace).add(name);
  }
  return decoded({ append, replace });
}
