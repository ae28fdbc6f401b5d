/** Tables of what a dynamic parameter may hold: its first byte is an index into the table. */

import type { ParamDeclaration } from '../event-type.ts';
import { bytes, duration, errno, fd, i64, signal, text, u32, u64 } from './params.ts';

export interface VariantTable {
  readonly name: string;
  readonly variants: readonly ParamDeclaration[];
}

export const variantRoster: readonly VariantTable[] = [
  { name: 'bpf_dynamic_param', variants: [fd(''), errno('')] },
  { name: 'keyctl_dynamic_param', variants: [i64(''), text('')] },
  { name: 'ptrace_dynamic_param', variants: [u64('', 'hex'), signal('')] },
  {
    name: 'sockopt_dynamic_param',
    variants: [bytes('', 'hex'), errno(''), u32(''), u64(''), duration('')],
  },
];

const variantsByName = new Map(variantRoster.map((table) => [table.name, table.variants]));

export function variantsOf(table: string): readonly ParamDeclaration[] {
  return variantsByName.get(table) ?? [];
}
