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

/** Tokens are not for a project, and the library runs a program to find one unless it is told. */
const NO_PROJECT = '-';

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
  context: Pick<SinkContext, 'tls' | 'timeoutMs'>,
): Promise<HttpClient> {
  const account = accountOf(credentials);
  const { GoogleAuth, JWT } = await import('google-auth-library');
  const found =
    account === undefined
      ? new GoogleAuth({ scopes: [SCOPE], projectId: NO_PROJECT })
      : new JWT({ ...account, scopes: [SCOPE] });
  // A token that is signed here needs nobody's answer.
  found.useJWTAccessWithScope = true;
  return signedClient(context, async ({ url: { href } }) =>
    Object.fromEntries(await found.getRequestHeaders(href)),
  );
}

/** Puts an identity token onto each request, for a service that checks who calls it by its own address. */
export async function googleIdentityClient(
  { credentials }: GoogleSettings,
  audience: string,
  context: Pick<SinkContext, 'tls' | 'timeoutMs'>,
): Promise<HttpClient> {
  const account = accountOf(credentials);
  const { GoogleAuth, JWT } = await import('google-auth-library');
  return signedClient(context, async () => {
    const token =
      account === undefined
        ? await new GoogleAuth({ projectId: NO_PROJECT })
            .getIdTokenClient(audience)
            .then(({ idTokenProvider }) => idTokenProvider.fetchIdToken(audience))
        : await new JWT(account).fetchIdToken(audience);
    return { authorization: `Bearer ${token}` };
  });
}

/** That of the service account, or that of the machine or its environment. Rejects where there is none. */
export async function googleProject({ credentials }: GoogleSettings): Promise<string> {
  const account = accountOf(credentials);
  if (account !== undefined && account.project !== '') return account.project;
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth().getProjectId();
}

interface Account {
  readonly email: string;
  readonly key: string;
  readonly keyId: string;
  readonly project: string;
}

/** `undefined`: there is none. */
function accountOf(credentials: Secret): Account | undefined {
  const written = credentials.reveal().trim();
  if (written === '') return undefined;
  const text = written.startsWith('{') ? written : Buffer.from(written, 'base64').toString('utf8');
  const account = parseObject(text);
  const [email, key] = [textIn(account?.client_email), textIn(account?.private_key)];
  if (email !== '' && key !== '')
    return { email, key, keyId: textIn(account?.private_key_id), project: textIn(account?.project_id) };
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
