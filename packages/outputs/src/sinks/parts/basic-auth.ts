/** The header of a user with a password. */

import type { Secret } from '@peregrine/base';
import type { Refusal } from '../../sink.ts';

/** COMPAT: both must be set; there is no header otherwise. */
export function basicAuth(user: string, password: Secret): Readonly<Record<string, string>> {
  if (user === '' || password.reveal() === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`, 'utf8').toString('base64')}` };
}

/** A user without a password, or the other way round: nothing would be sent of either. */
export function refusesHalf(config: {
  readonly user: string;
  readonly password: Secret;
}): readonly Refusal[] {
  const hasPassword = config.password.reveal() !== '';
  if (hasPassword === (config.user !== '')) return [];
  return hasPassword
    ? [{ key: 'user', why: 'is not set, and `password` is' }]
    : [{ key: 'password', why: 'is not set, and `user` is' }];
}
