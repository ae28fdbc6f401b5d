/** An OpenID provider: what is asked of it, and what of its answers is believed. The client is loaded with the first question. */

import type { ClientAuth, Configuration } from 'openid-client';

export interface OidcProviderOptions {
  /** HTTPS, or HTTP on this machine. */
  readonly issuer: URL;
  readonly clientId: string;
  /** Empty: a public client. */
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** Name of the claim with roles or groups; dots lead into objects. */
  readonly rolesClaim: string;
}

/** Secrets of one sign-in that is under way. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface OidcPerson {
  /** The same for as long as it is the same person, whatever the name. */
  readonly subject: string;
  readonly name: string;
  /** What the claim says: names of roles or groups. */
  readonly groups: readonly string[];
}

const LIMIT_SECONDS = 10;
const MOST_GROUPS = 1_000;

export class OidcProvider {
  readonly #options: OidcProviderOptions;
  #configuration: Promise<Configuration> | undefined;

  constructor(options: OidcProviderOptions) {
    this.#options = options;
  }

  /** Throws where the provider cannot be reached, or is another one than its address says. */
  async prepare(): Promise<void> {
    await this.#discovered();
  }

  async begin(redirectUrl: string): Promise<{ readonly address: URL; readonly attempt: OidcAttempt }> {
    const client = await import('openid-client');
    const attempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const address = client.buildAuthorizationUrl(await this.#discovered(), {
      redirect_uri: redirectUrl,
      scope: this.#options.scopes.join(' '),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { address, attempt };
  }

  /** `answered`: the address that the browser was sent back to. Throws for whatever does not fit together. */
  async finish(answered: URL, { state, nonce, verifier }: OidcAttempt): Promise<OidcPerson> {
    const client = await import('openid-client');
    const configuration = await this.#discovered();
    const tokens = await client.authorizationCodeGrant(configuration, answered, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    let claims: Readonly<Record<string, unknown>> = tokens.claims() ?? {};
    const subject = String(claims.sub);
    const isWhole = claimAt(claims, this.#options.rolesClaim) !== undefined && nameIn(claims) !== undefined;
    if (!isWhole && configuration.serverMetadata().userinfo_endpoint !== undefined)
      claims = { ...(await client.fetchUserInfo(configuration, tokens.access_token, subject)), ...claims };
    const groups = claimAt(claims, this.#options.rolesClaim);
    return {
      subject: `${this.#options.issuer.href} ${subject}`,
      name: nameIn(claims) ?? subject,
      groups: (Array.isArray(groups) ? groups : [groups])
        .filter((group): group is string => typeof group === 'string')
        .slice(0, MOST_GROUPS),
    };
  }

  /** What failed is tried again by the next who asks. */
  #discovered(): Promise<Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = undefined;
      throw error;
    });
    return this.#configuration;
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    const client = await import('openid-client');
    const proof: ClientAuth = (server, ...rest) => {
      const known = server.token_endpoint_auth_methods_supported;
      const takesBasic = known === undefined || known.includes('client_secret_basic');
      const choose = takesBasic ? client.ClientSecretBasic : client.ClientSecretPost;
      (clientSecret === '' ? client.None() : choose(clientSecret))(server, ...rest);
    };
    return client.discovery(issuer, clientId, undefined, proof, {
      timeout: LIMIT_SECONDS,
      execute: [
        // Signatures are checked although tokens come over TLS.
        client.enableNonRepudiationChecks,
        ...(issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []),
      ],
    });
  }
}

function nameIn(claims: Readonly<Record<string, unknown>>): string | undefined {
  const email = claims.email_verified === false ? undefined : claims.email;
  return [claims.preferred_username, email].find(
    (name): name is string => typeof name === 'string' && name !== '',
  );
}

/** The claim of that name, or what the parts of the name lead to. */
export function claimAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part]; // An object that has it.
  }
  return value;
}
