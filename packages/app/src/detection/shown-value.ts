/** What a test looked at, for people. */

import { fromByteText, renderIp } from '@peregrine/base';
import type { CheckedTest, Value } from '@peregrine/lang';

export function shownValue<E>({ left }: CheckedTest<E>, value: Value): string {
  const type = left.kind === 'field' ? left.field.type : left.type;
  return shown(value, type.startsWith('IP'));
}

function shown(value: Value, isAddress: boolean): string {
  if (Array.isArray(value)) return `(${value.map((item) => shown(item, isAddress)).join(', ')})`;
  if (isAddress && (typeof value === 'number' || typeof value === 'string')) return renderIp(value);
  if (typeof value === 'string') return JSON.stringify(fromByteText(value));
  return value instanceof Uint8Array ? JSON.stringify(Buffer.from(value).toString('latin1')) : String(value);
}
