/**
 * Capability sets of a thread. Most threads have those of their parent, before an exec and after it: they share one
 * object, so that a thread is smaller and a clone copies less. HOT: `readCapabilities` allocates on a change only.
 */

import type { EventView } from '@peregrine/events';
import { highU32, lowU32 } from './exact.ts';

/** Low and high 32-bit words, unsigned. INVARIANT: never written to once made, since threads share it. */
export interface Capabilities {
  readonly inheritableLow: number;
  readonly inheritableHigh: number;
  readonly permittedLow: number;
  readonly permittedHigh: number;
  readonly effectiveLow: number;
  readonly effectiveHigh: number;
}

/** All three sets the same. */
export function uniformCapabilities(low: number, high: number): Capabilities {
  return {
    inheritableLow: low,
    inheritableHigh: high,
    permittedLow: low,
    permittedHigh: high,
    effectiveLow: low,
    effectiveHigh: high,
  };
}

export const NO_CAPABILITIES: Capabilities = uniformCapabilities(0, 0);

/** Three parameters from `first` on: inheritable, permitted, effective. Gives `present` back where they say the same. */
export function readCapabilities(view: EventView, first: number, present: Capabilities): Capabilities {
  const inheritableLow = lowU32(view, first);
  const inheritableHigh = highU32(view, first);
  const permittedLow = lowU32(view, first + 1);
  const permittedHigh = highU32(view, first + 1);
  const effectiveLow = lowU32(view, first + 2);
  const effectiveHigh = highU32(view, first + 2);
  if (
    inheritableLow === present.inheritableLow &&
    inheritableHigh === present.inheritableHigh &&
    permittedLow === present.permittedLow &&
    permittedHigh === present.permittedHigh &&
    effectiveLow === present.effectiveLow &&
    effectiveHigh === present.effectiveHigh
  )
    return present;
  return { inheritableLow, inheritableHigh, permittedLow, permittedHigh, effectiveLow, effectiveHigh };
}
