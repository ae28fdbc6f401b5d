/** Whom a destination's connection trusts and who it says we are. */

export interface TlsTrust {
  /** False: any certificate will do (`checkcert: false`). */
  readonly isChecked: boolean;
  /** PEM of authorities to trust beside those of the system. */
  readonly authorities: readonly string[];
  /** Whether `authorities` are trusted in place of those of the system; false unless stated. */
  readonly areAuthoritiesAll?: boolean;
  /** Name that the destination's certificate is for, where that is not the name in its address. */
  readonly serverName?: string;
  /** Our own certificate and key, PEM, where the destination wants to know who we are. */
  readonly identity: { readonly cert: string; readonly key: string } | undefined;
}

export const systemTrust: TlsTrust = Object.freeze({ isChecked: true, authorities: [], identity: undefined });

/** The same for Node's own TLS, and for the client libraries that pass options on to it. */
export interface NodeTlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
  readonly servername?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Authorities given beside the system's replace them in Node, so that both are listed. */
export function nodeTlsOptions(trust: TlsTrust): NodeTlsOptions {
  const { isChecked, authorities, areAuthoritiesAll, serverName, identity } = trust;
  const trusted = areAuthoritiesAll === true ? [...authorities] : [...systemAuthorities(), ...authorities];
  return {
    rejectUnauthorized: isChecked,
    ...(isChecked && authorities.length > 0 ? { ca: trusted } : {}),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(identity ?? {}),
  };
}

function systemAuthorities(): readonly string[] {
  return process.getBuiltinModule('node:tls').getCACertificates('default');
}
