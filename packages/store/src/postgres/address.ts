/** The address of a store on PostgreSQL, as PostgreSQL's own programs take it. Reads nothing but the text. */

export const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

export interface PostgresAddress {
  /** Name, IP address, or the folder of the server's socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly sslMode: SslMode;
  /** Files in PEM; empty: none. */
  readonly rootCertificate: string;
  readonly certificate: string;
  readonly key: string;
}

const parameterNames = ['host', 'port', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

export function isPostgresAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/** `problem` goes on after "`ui.store` ". No part of the address that may be a password is in it. */
export function parsePostgresAddress(
  text: string,
): { readonly address: PostgresAddress } | { readonly problem: string } {
  // Without a host in front, the URL parser takes no user.
  const withHost = text.replace(/^(postgres(?:ql)?:\/\/(?:[^/@]*@)?)(?=[/?]|$)/, '$1-');
  if (!URL.canParse(withHost))
    return { problem: 'cannot be read: write `postgres://USER@HOST:PORT/DATABASE`' };
  const url = new URL(withHost);
  if (url.password !== '')
    return { problem: 'must have no password in it: `ui.storepasswordfile` names a file with it' };
  const given = url.searchParams;
  const names: ReadonlySet<string> = new Set(parameterNames);
  const unknown = [...given.keys()].find((name) => !names.has(name));
  if (unknown !== undefined)
    return { problem: `has \`${unknown}\`, and may have ${parameterNames.join(', ')} after the \`?\`` };
  const sslMode = sslModes.find((mode) => mode === (given.get('sslmode') ?? 'prefer'));
  if (sslMode === undefined)
    return { problem: `has the sslmode \`${given.get('sslmode')}\`; there are ${sslModes.join(', ')}` };
  const port = Number(given.get('port') ?? (url.port || '5432'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return { problem: `has the port \`${given.get('port')}\`, and must have one from 1 to 65535` };
  const named = url.hostname === '-' ? '' : url.hostname.replace(/^\[|\]$/g, '');
  const host = given.get('host') ?? decoded(named);
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1));
  if (host === '') return { problem: 'names no host: write `postgres://USER@HOST:PORT/DATABASE`' };
  if (user === '') return { problem: 'names no user: write `postgres://USER@HOST:PORT/DATABASE`' };
  if (database === '') return { problem: 'names no database: write `postgres://USER@HOST:PORT/DATABASE`' };
  const file = (name: string): string => given.get(name) ?? '';
  const files = { certificate: file('sslcert'), key: file('sslkey') };
  if ((files.certificate === '') !== (files.key === ''))
    return { problem: 'must have both of `sslcert` and `sslkey`, or neither' };
  return {
    address: { host, port, user, database, sslMode, rootCertificate: file('sslrootcert'), ...files },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** For people. */
export function titleOf({ host, port, database }: PostgresAddress): string {
  return `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}
