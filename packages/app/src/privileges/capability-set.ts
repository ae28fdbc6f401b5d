/** Sets of capabilities, as the kernel keeps them: a bit for each. */

import { capabilityNames } from '@peregrine/fields/capability-names';

/** Bit n is the capability number n of the kernel. */
export type CapabilitySet = bigint;

export const noCapabilities: CapabilitySet = 0n;

/** `undefined` for a name that no capability has; `CAP_` before it may be left out, and case does not count. */
export function capabilityNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const index = capabilityNames.indexOf(upper.startsWith('CAP_') ? upper : `CAP_${upper}`);
  return index < 0 ? undefined : index;
}

/** Names that no capability has are left out. */
export function capabilitySet(names: Iterable<string>): CapabilitySet {
  let set = noCapabilities;
  for (const name of names) {
    const number = capabilityNumber(name);
    if (number !== undefined) set |= 1n << BigInt(number);
  }
  return set;
}

export function hasCapability(set: CapabilitySet, name: string): boolean {
  const wanted = capabilitySet([name]);
  return wanted !== noCapabilities && (set & wanted) === wanted;
}

/** Lowest first. Bits without a name, of a newer kernel, are left out. */
export function namesIn(set: CapabilitySet): readonly string[] {
  return capabilityNames.filter((_, index) => ((set >> BigInt(index)) & 1n) === 1n);
}

/** Numbers of the set bits. */
export function numbersIn(set: CapabilitySet): readonly number[] {
  return Array.from({ length: 64 }, (_, index) => index).filter(
    (index) => ((set >> BigInt(index)) & 1n) === 1n,
  );
}
