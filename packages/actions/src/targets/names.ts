/**
 * Names that alerts give. INVARIANT: whoever makes alerts happen may choose them; what is not a name as Kubernetes allows it
 * never becomes a part of a path or of an object.
 */

import { type HubAlert, textOfValue } from '@peregrine/alert';

/** The first of the fields that has a value; empty: none has. */
export function firstField({ fields }: HubAlert, names: readonly string[]): string {
  for (const name of names) {
    const text = textOfValue(fields[name] ?? null);
    if (text !== '' && text !== '<NA>') return text;
  }
  return '';
}

/** DNS-1123 subdomain: names of most objects. */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && !name.includes('..');
}

/** DNS-1123 label: names of namespaces. */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** Names of roles, which are freer: `system:node`. */
export function isRoleName(name: string): boolean {
  return name.length <= 253 && /^[A-Za-z0-9:._-]+$/.test(name) && name !== '.' && name !== '..';
}

/** A name that is none, for people: one line, and not long. */
export function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
