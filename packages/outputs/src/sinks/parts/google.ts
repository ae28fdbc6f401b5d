/** What outputs to Google Cloud share: the key of their section, and tokens. */

import {
  Fault,
  type Infer,
  optional,
  parseObject,
  Secret,
  schema,
  secret,
  textIn,
  url,
} from '@peregrine/base';
import type { HttpRequest, SharedSection, SinkContext } from '../../sink.ts';
import type { HttpClient } from '../../transport/http-client.ts';
import { below } from './address.ts';
import { signedClient } from './signed-client.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const config = schema({
  credentials: secret({
    default: new Secret(''),
    doc: 'Service account: its JSON in base64. Empty, it is what the machine or its environment says.',
  }),
});

export const googleSection: SharedSection<typeof config.keys> = { name: 'gcp', config };
export type GoogleSettings = Infer<typeof config>;

export function endpointKey(service: string) {
  return optional(
    url({
      doc: `Address of ${service}, where it is not the usual one.`,
      example: 'https://private.googleapis.com',
    }),
  );
}

/** Gets tokens from the service account, or from wherever Google's own library finds them. */
export async function googleClient(
  { credentials }: GoogleSettings,
  context: SinkContext,
): Promise<HttpClient> {
  const account = accountOf(credentials);
  const { GoogleAuth, JWT } = await import('google-auth-library');
  const found =
    account === undefined
      ? new GoogleAuth({ scopes: [SCOPE] })
      : new JWT({ email: account.email, key: account.key, keyId: account.keyId, scopes: [SCOPE] });
  // A token that is signed here needs nobody's answer.
  found.useJWTAccessWithScope = true;
  return signedClient(context, async ({ url: { href } }) =>
    Object.fromEntries(await found.getRequestHeaders(href)),
  );
}

interface Account {
  readonly email: string;
  readonly key: string;
  readonly keyId: string;
}

/** `undefined`: there is none. */
function accountOf(credentials: Secret): Account | undefined {
  const written = credentials.reveal().trim();
  if (written === '') return undefined;
  const text = written.startsWith('{') ? written : Buffer.from(written, 'base64').toString('utf8');
  const account = parseObject(text);
  const [email, key] = [textIn(account?.client_email), textIn(account?.private_key)];
  if (email !== '' && key !== '') return { email, key, keyId: textIn(account?.private_key_id) };
  throw new Fault('output-unavailable', '`gcp.credentials` is not the JSON of a service account in base64', {
    hint: 'credentials of another kind are read from the file that `GOOGLE_APPLICATION_CREDENTIALS` names',
  });
}

/** Below the service's address: `usual` where the user gave none. */
export function googleUrl(
  endpoint: string | undefined,
  usual: string,
  ...segments: readonly string[]
): string {
  return below(endpoint ?? usual, ...segments);
}

/** `projects/x/topics/y:publish`: a method of a resource. */
export function methodUrl(url: string, method: string): HttpRequest['url'] {
  return `${url}:${method}`;
}
