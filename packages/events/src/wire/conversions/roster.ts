/** All conversions of old events, by event code and number of parameters. */

import { codeOfWireName, eventTypeOf } from '../../types/roster.ts';
import { type Conversion, type ConversionRow, parseConversion } from './conversion.ts';
import { descriptorConversions } from './descriptors.ts';
import { fileConversions } from './files.ts';
import { networkConversions } from './network.ts';
import { otherConversions } from './others.ts';
import { processConversions } from './processes.ts';

export const conversionRows: readonly ConversionRow[] = [
  ...fileConversions,
  ...descriptorConversions,
  ...networkConversions,
  ...processConversions,
  ...otherConversions,
];

function typeOf(wireName: string): NonNullable<ReturnType<typeof eventTypeOf>> {
  const type = eventTypeOf(codeOfWireName(`PPME_${wireName}`) ?? -1);
  if (type === undefined) throw new Error(`conversion table: no event type ${wireName}`);
  return type;
}

/** `conversions[code]?.[paramCount]`; `undefined` where nothing is to be done. */
export const conversions: readonly (readonly (Conversion | undefined)[] | undefined)[] = (() => {
  const table: (Conversion | undefined)[][] = [];
  for (const row of conversionRows) {
    const { code } = typeOf(row[0]);
    const versions = table[code] ?? [];
    versions[row[1]] = parseConversion(row, typeOf);
    table[code] = versions;
  }
  return table;
})();
