/** Keys of the hub's configuration that actions and stores read: credentials and addresses, which rules do not have. */

import { type Keys, mapNode, type ObjectOf, type ObjectSchema, readTree } from '@peregrine/base';

export interface HubSection<S extends Keys = Keys> {
  /** `aws`: outputs may have sections below it. */
  readonly section: string;
  /** All of its keys have defaults, or are optional. */
  readonly schema: ObjectSchema<S>;
}

/** What the hub read, or what the section's defaults are where it read nothing. */
export function settingsOf<S extends Keys>(
  { schema, section }: HubSection<S>,
  read: ((section: string) => Readonly<Record<string, unknown>>) | undefined,
): ObjectOf<S> {
  const found = read?.(section) ?? {};
  // The hub reads a section with its own schema, and nothing else.
  if (Object.keys(found).length > 0) return found as ObjectOf<S>;
  const { value } = readTree(schema, mapNode());
  if (value === undefined) throw new Error(`the section \`${section}\` has keys without defaults`);
  return value;
}
