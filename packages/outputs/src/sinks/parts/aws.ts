/** What all outputs for Amazon's services share: region, credentials, and what the services' errors mean. */

import { flag, type Infer, type Outcome, optional, schema, secret, text, url } from '@peregrine/base';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Destination, SharedSection, SinkContext } from '../../sink.ts';
import { retryAfterMs } from '../../transport/http-answer.ts';
import { nodeTlsOptions } from '../../transport/tls-trust.ts';
import { isUnsent } from '../../transport/unsent.ts';
import { causeOf, type LinkOptions, linkedDestination } from './linked-destination.ts';

const config = schema({
  accesskeyid: text({
    default: '',
    doc: "Id of an access key; without it, credentials are found as all of Amazon's tools find them: environment, profiles (SSO too), web identity of a service account, container, instance.",
  }),
  secretaccesskey: optional(secret({ doc: 'The access key itself.' })),
  region: text({
    default: '',
    doc: "Region; empty, it is found as all of Amazon's tools find it, or asked of the instance.",
    example: 'eu-west-1',
  }),
  rolearn: text({ default: '', doc: 'Role to take on with these credentials.' }),
  externalid: text({ default: '', doc: 'External id that the role asks for.' }),
  checkidentity: flag({
    default: true,
    doc: 'Ask who these credentials are of (STS) before the first alert is sent.',
  }),
  endpoint: optional(url({ doc: "Address of all services, where they are not Amazon's own." })),
});

export const awsSection: SharedSection<typeof config.keys> = { name: 'aws', config };
export type AwsSettings = Infer<typeof config>;

type Credentials = NonNullable<import('@aws-sdk/client-sts').STSClientConfig['credentials']>;

/** Settings of any of Amazon's clients. */
export interface AwsClientOptions {
  readonly region?: string;
  readonly credentials?: Credentials;
  readonly endpoint?: string;
  readonly maxAttempts: number;
  /** The same for all: Kinesis would speak HTTP/2 otherwise, which not all that stands in for it does. */
  readonly requestHandler: NodeHttpHandler;
}

interface AwsLink<C> extends Pick<LinkOptions<C>, 'deliver'> {
  readonly settings: AwsSettings;
  readonly context: SinkContext;
  /** What differs from the shared section. */
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly create: (options: AwsClientOptions) => C;
  /** Names of errors that are about the alert: it will be refused however often it is sent. */
  readonly rejects?: readonly string[];
}

/** A destination behind one of Amazon's clients. */
export function awsDestination<C extends { destroy(): void }>(link: AwsLink<C>): Destination {
  const { settings, context, rejects = [] } = link;
  return linkedDestination<C>({
    context,
    secrets: [settings.secretaccesskey?.reveal() ?? ''],
    open: async (signal) => {
      const options = await awsClientOptions(settings, context, link.region);
      if (settings.checkidentity) await checkIdentity(options, context, signal);
      return link.create({ ...options, ...(link.endpoint === undefined ? {} : { endpoint: link.endpoint }) });
    },
    close: (client) => client.destroy(),
    deliver: link.deliver,
    outcomeOf: (error) => awsOutcome(error, rejects),
  });
}

/** `undefined`: no service answered. */
export function awsOutcome(error: unknown, rejects: readonly string[]): Outcome | undefined {
  const { status, name, reason, afterMs } = awsTrouble(error);
  if (status === undefined) return undefined;
  return rejects.includes(name) || status === 413
    ? { kind: 'rejected', reason }
    : { kind: 'retry', reason, afterMs };
}

/** What an error of one of Amazon's clients tells. */
export interface AwsTrouble {
  /** `undefined`: no service answered. */
  readonly status: number | undefined;
  /** As the service has it: `AccessDeniedException`. */
  readonly name: string;
  /** On one line. */
  readonly reason: string;
  /** How long the service asks to wait. */
  readonly afterMs: number | undefined;
  /** Whether it is certain that no service saw the request. */
  readonly isUnsent: boolean;
}

export function awsTrouble(error: unknown): AwsTrouble {
  const text = causeOf(error);
  const answer = answerOf(error);
  const name = error instanceof Error ? error.name : '';
  if (answer === undefined) {
    // Without credentials there is no request; the library calls only connections that take too long a `TimeoutError`.
    const neverBegan = name === 'CredentialsProviderError' || name === 'TimeoutError';
    return {
      ...{ status: undefined, name, reason: text, afterMs: undefined },
      isUnsent: neverBegan || isUnsent(error),
    };
  }
  // Something else than the service answered: a proxy, a page for people.
  const reason = text.includes('Deserialization error') ? `status ${answer.status}` : `${name}: ${text}`;
  return {
    ...{ status: answer.status, name, reason, isUnsent: false },
    afterMs: retryAfterMs(answer.retryAfter, Date.now()),
  };
}

interface ServiceAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function answerOf(error: unknown): ServiceAnswer | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // The client library hangs both onto every error that a service answered with.
  const { $metadata, $response } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const status = $metadata?.httpStatusCode;
  return status === undefined ? undefined : { status, retryAfter: $response?.headers?.['retry-after'] };
}

/** What connections of a client go by. */
export interface AwsLinkContext extends Pick<SinkContext, 'tls' | 'environment'> {
  /** For an answer; 0 is no limit. */
  readonly timeoutMs: number;
  /** For a connection; `timeoutMs` unless stated. */
  readonly connectMs?: number;
}

/** Settings of a client, credentials and region as the section says, or as Amazon's tools find them. */
export async function awsClientOptions(
  settings: AwsSettings,
  { timeoutMs, connectMs = timeoutMs, tls, environment }: AwsLinkContext,
  ownRegion: string | undefined,
): Promise<AwsClientOptions> {
  const { accesskeyid, secretaccesskey, rolearn, externalid, endpoint } = settings;
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const secretAccessKey = secretaccesskey?.reveal() ?? '';
  const given = ownRegion || settings.region || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const base = {
    // Trying again is the delivery's affair: it keeps the order and says what goes on.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectMs,
      requestTimeout: timeoutMs,
      httpsAgent: nodeTlsOptions(tls),
    }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accesskeyid === '' || secretAccessKey === ''
      ? {}
      : { credentials: { accessKeyId: accesskeyid, secretAccessKey } }),
  };
  const region = given || (await regionFound());
  const options = { ...base, ...(region === undefined ? {} : { region }) };
  if (rolearn === '') return options;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { credentials: masterCredentials, ...clientConfig } = options;
  return {
    ...options,
    // It takes the role on anew before what it got runs out.
    credentials: fromTemporaryCredentials({
      ...(masterCredentials === undefined ? {} : { masterCredentials }),
      params: {
        RoleArn: rolearn,
        RoleSessionName: 'peregrine',
        ...(externalid === '' ? {} : { ExternalId: externalid }),
      },
      clientConfig,
    }),
  };
}

const INSTANCE_METADATA = 'http://169.254.169.254';
const METADATA_LIMIT_MS = 1_000;

/** COMPAT: what no setting and no profile says, the instance that this runs on is asked. */
async function regionFound(): Promise<string | undefined> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    return await regionOfInstance(process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? INSTANCE_METADATA);
  } finally {
    client.destroy();
  }
}

async function regionOfInstance(origin: string): Promise<string | undefined> {
  const ask = async (path: string, init: RequestInit): Promise<string> => {
    const answer = await fetch(new URL(path, origin), {
      ...init,
      signal: AbortSignal.timeout(METADATA_LIMIT_MS),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  };
  try {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
    const token = await ask('/latest/api/token', { method: 'PUT', headers });
    return await ask('/latest/meta-data/placement/region', {
      headers: { 'x-aws-ec2-metadata-token': token },
    });
  } catch {
    return undefined;
  }
}

async function checkIdentity(options: AwsClientOptions, { debug }: SinkContext, abortSignal: AbortSignal) {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(options);
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
    debug(`the credentials are those of ${Arn ?? 'nobody'}`);
  } catch (error) {
    throw new Error(`the credentials could not be checked (\`aws.checkidentity\`): ${causeOf(error)}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

/** Some of Amazon's services take no control characters, nor what is no character at all. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that they refuse.
  return text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}
