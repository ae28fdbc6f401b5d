/** Addresses and networks as constants: one test for each, and one test for many. HOT: what they return. */

import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';

/** Whether the address read lies in the network; an address of the other family never does. */
export function networkTest(constant: Constant): (left: Scalar) => boolean {
  switch (constant.kind) {
    case 'scalar': {
      const { value } = constant;
      return (left) => left === value;
    }
    case 'net4': {
      const mask = constant.mask | 0;
      const network = constant.address & mask;
      return (left) => typeof left === 'number' && (left & mask) === network;
    }
    case 'net6': {
      const wholeBytes = constant.prefixBits >>> 3;
      const restMask = (0xff00 >> (constant.prefixBits & 7)) & 0xff;
      const prefix = constant.address.slice(0, wholeBytes);
      const rest = restMask === 0 ? 0 : constant.address.charCodeAt(wholeBytes) & restMask;
      return (left) =>
        typeof left === 'string' &&
        left.length === 16 &&
        left.startsWith(prefix) &&
        (restMask === 0 || (left.charCodeAt(wholeBytes) & restMask) === rest);
    }
  }
}

export function anyNetworkTest(constants: readonly Constant[]): (left: Scalar) => boolean {
  const tests = constants.map(networkTest);
  const [first] = tests;
  if (first !== undefined && tests.length === 1) return first;
  return (left) => {
    for (const test of tests) if (test(left)) return true;
    return false;
  };
}

export function hasNetworks(constants: readonly Constant[]): boolean {
  return constants.some((constant) => constant.kind !== 'scalar');
}
