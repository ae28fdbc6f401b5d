/** JSON as alerts are written: one line, no blanks, every digit of an integer kept. */

/** What can be encoded; `undefined` members of objects are left out. */
export type Encodable =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Encodable[]
  | { readonly [key: string]: Encodable };

export interface EncodeOptions {
  /** Keys of every object in code unit order. */
  readonly isSorted?: boolean;
}

export function encodeJson(value: Encodable, options: EncodeOptions = {}): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map((element) => encodeJson(element, options)).join(',')}]`;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (options.isSorted === true) keys.sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${encodeJson(value[key], options)}`).join(',')}}`;
}

function isArray(value: object): value is readonly Encodable[] {
  return Array.isArray(value);
}
