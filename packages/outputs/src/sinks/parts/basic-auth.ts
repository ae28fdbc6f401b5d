/** The header of a user with a password. */

import type { Secret } from '@peregrine/base';

/** COMPAT: both must be set; there is no header otherwise. */
export function basicAuth(user: string, password: Secret): Readonly<Record<string, string>> {
  if (user === '' || password.reveal() === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`, 'utf8').toString('base64')}` };
}
