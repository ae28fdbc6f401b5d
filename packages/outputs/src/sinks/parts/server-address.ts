/** Addresses of servers that speak protocols of their own: `host:port`, or `protocol://user:password@host:port/path`. */

import { parsedText, Secret, type ValueSchema } from '@peregrine/base';

export interface ServerAddress {
  /** As it was written, lower case; `''` where only host and port were. */
  readonly protocol: string;
  /** An IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
  /** `''`: none. */
  readonly user: string;
  readonly password: Secret;
  /** With the query, without the slash in front. */
  readonly path: string;
}

export interface AddressRules {
  /** Port where none is written, by protocol; `''` for addresses that name none. Others are refused. */
  readonly ports: Readonly<Record<string, number | undefined>>;
}

interface AddressOptions extends AddressRules {
  readonly doc: string;
  readonly example: string;
}

export function serverAddress(options: AddressOptions): ValueSchema<ServerAddress> {
  return parsedText({ ...options, type: 'address', isSecret: true }, (text) => parseAddress(text, options));
}

/** Several, separated by commas: parts of one cluster. */
export function serverAddresses(options: AddressOptions): ValueSchema<readonly ServerAddress[]> {
  const type = 'addresses, separated by commas';
  return parsedText<readonly ServerAddress[]>({ ...options, type, isSecret: true }, (text) => {
    const found: ServerAddress[] = [];
    for (const part of text.split(',').map((written) => written.trim())) {
      if (part === '') continue;
      const address = parseAddress(part, options);
      if ('why' in address) return address;
      found.push(address.value);
    }
    return found.length === 0 ? { why: 'there is no address' } : { value: found };
  });
}

/** `host:port`, IPv6 in brackets. */
export function hostPortOf({ host, port }: ServerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const PROTOCOL = /^([a-z][a-z0-9+.-]*):\/\//i;

function parseAddress(
  text: string,
  { ports }: AddressRules,
): { readonly value: ServerAddress } | { readonly why: string } {
  const protocol = PROTOCOL.exec(text)?.[1]?.toLowerCase() ?? '';
  if (!Object.hasOwn(ports, protocol)) return { why: `it begins with none of ${namesOf(ports)}` };
  // The parser of addresses on the web leaves hosts of protocols that it does not know as they are.
  const rest = `peregrine://${protocol === '' ? text : text.slice(protocol.length + 3)}`;
  const parsed = URL.canParse(rest) ? new URL(rest) : undefined;
  const host = parsed?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (parsed === undefined || host === '') return { why: 'it is no address' };
  const port = parsed.port === '' ? ports[protocol] : Number(parsed.port);
  if (port === undefined) return { why: 'it has no port' };
  const user = decoded(parsed.username);
  const password = decoded(parsed.password);
  const path = `${parsed.pathname}${parsed.search}`.replace(/^\//, '');
  if (user === undefined || password === undefined)
    return { why: 'a `%` in it is not followed by two digits' };
  return { value: { protocol, host, port, user, password: new Secret(password), path } };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function namesOf(ports: AddressRules['ports']): string {
  return Object.keys(ports)
    .filter((protocol) => protocol !== '')
    .map((protocol) => `\`${protocol}://\``)
    .join(', ');
}
