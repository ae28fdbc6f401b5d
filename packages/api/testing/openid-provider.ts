/** An OpenID provider on loopback that lets everybody in, and checks what it is sent as one that is strict does. */

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Claims = Readonly<Record<string, unknown>>;

export interface OpenIdProvider {
  readonly issuer: URL;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Why tokens were refused. */
  readonly refusals: string[];
  /** What it says of who signs in next. */
  person: Claims;
  userInfo: Claims | undefined;
  /** What it does to the ID token before it is signed, and to what was signed. */
  tamper: { readonly claims?: (claims: Claims) => Claims; readonly token?: (token: string) => string };
  /** As a browser that follows the address, and signs in there: where it is sent back to. */
  authorize(address: URL): URL;
  close(): Promise<void>;
}

export const CLIENT_ID = 'peregrine';
export const CLIENT_SECRET = 'a secret: with + and %';

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function openIdProvider(): Promise<OpenIdProvider> {
  const { publicKey, privateKey } = newKey();
  const codes = new Map<string, URLSearchParams>();
  const server = createServer((request, response) => {
    const answer = (status: number, json: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      provider.asked.push(path);
      if (path === '/.well-known/openid-configuration') return answer(200, metadata());
      if (path === '/jwks')
        return answer(200, {
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', use: 'sig', alg: 'RS256' }],
        });
      if (path === '/userinfo') return answer(200, provider.userInfo);
      if (path !== '/token') return answer(404, {});
      const refusal = refusalOf(request, new URLSearchParams(body));
      if (refusal !== undefined) {
        provider.refusals.push(refusal);
        return answer(400, { error: 'invalid_grant' });
      }
      const code = new URLSearchParams(body).get('code') ?? '';
      const nonce = codes.get(code)?.get('nonce');
      codes.delete(code);
      const nowSeconds = Math.floor(Date.now() / 1000);
      const claims = {
        ...{ iss: metadata().issuer, aud: CLIENT_ID, iat: nowSeconds, exp: nowSeconds + 300, nonce },
        ...provider.person,
      };
      const signed = `${encode({ alg: 'RS256', kid: '1' })}.${encode(provider.tamper.claims?.(claims) ?? claims)}`;
      const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
      answer(200, {
        ...{ access_token: 'access', token_type: 'Bearer', expires_in: 300 },
        id_token: provider.tamper.token?.(token) ?? token,
      });
    });
  });

  /** `undefined`: the code may be exchanged. */
  function refusalOf(request: IncomingMessage, body: URLSearchParams): string | undefined {
    const asked = codes.get(body.get('code') ?? '');
    const proof = [CLIENT_ID, CLIENT_SECRET].map((part) =>
      new URLSearchParams({ part }).toString().slice('part='.length),
    );
    if (request.headers.authorization !== `Basic ${btoa(proof.join(':'))}`) return 'another client';
    if (asked === undefined) return 'no such code';
    if (body.get('grant_type') !== 'authorization_code') return 'another grant';
    if (body.get('redirect_uri') !== asked.get('redirect_uri')) return 'another redirect';
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    return challenge === asked.get('code_challenge') ? undefined : 'another verifier';
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  const root = `http://127.0.0.1:${port}`;
  const metadata = () => ({
    issuer: root,
    authorization_endpoint: `${root}/authorize`,
    token_endpoint: `${root}/token`,
    jwks_uri: `${root}/jwks`,
    userinfo_endpoint: `${root}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  const provider: OpenIdProvider = {
    issuer: new URL(root),
    asked: [],
    refusals: [],
    person: {},
    userInfo: undefined,
    tamper: {},
    authorize: (address) => {
      const code = randomBytes(16).toString('base64url');
      codes.set(code, address.searchParams);
      const back = new URL(address.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', address.searchParams.get('state') ?? '');
      return back;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
  return provider;
}

/** The same claims, signed by somebody else. */
export function signedByAnother(token: string): string {
  const signed = token.split('.').slice(0, 2).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), newKey().privateKey).toString('base64url')}`;
}

/** The same claims, said to need no signature. */
export const unsigned = (token: string): string => `${encode({ alg: 'none' })}.${token.split('.')[1]}.`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer); // A request without an encoding gives bytes.
  return Buffer.concat(parts).toString('utf8');
}
