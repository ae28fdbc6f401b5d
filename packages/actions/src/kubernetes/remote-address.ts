/** The address that the alert is about, for policies that deny it. */

import type { HubAlert } from '@peregrine/alert';
import { firstField, shownName } from '../targets/names.ts';
import { hostCidr } from './policy-subject.ts';

/** COMPAT: in Talon's order. */
const fields = ['fd.rip', 'fd.sip'];

/** `1.2.3.4/32`, `2001:db8::1/128`. */
export function remoteCidr(
  alert: HubAlert,
): { readonly kind: 'cidr'; readonly cidr: string } | { readonly kind: 'refused'; readonly reason: string } {
  const address = firstField(alert, fields);
  if (address === '')
    return {
      kind: 'refused',
      reason: 'the alert names no address: its rule would have to put `fd.rip` or `fd.sip` in its output',
    };
  const cidr = hostCidr(address);
  return cidr === undefined
    ? { kind: 'refused', reason: `${shownName(address)} is no address` }
    : { kind: 'cidr', cidr };
}
