/** Puts a file into a bucket of whatever speaks S3. */

import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import {
  type AwsSettings,
  awsClientOptions,
  awsTrouble,
  beforeAbort,
  type TlsTrust,
  textWithoutSecrets,
} from '@peregrine/outputs/remote';
import type { Artifact } from '../action.ts';
import type { ArtifactContext, Kept } from './artifact-store.ts';
import { keptOfRefusal, keyBelow, namesOf } from './places.ts';

const CONNECT_MS = 5_000;

export interface S3Place {
  readonly settings: AwsSettings;
  readonly tls: TlsTrust;
  readonly bucket: string;
  readonly prefix: string;
  /** `undefined`: the settings say it. */
  readonly region: string | undefined;
  /** Whether the bucket is in the path of addresses, and not in the name of the host. */
  readonly isInPath: boolean;
}

/** Nothing is written over. `placeOf`: how people call what was kept. */
export async function putS3Object(
  artifact: Artifact,
  name: string,
  at: S3Place,
  { environment, signal }: ArtifactContext,
  placeOf: (key: string) => string,
): Promise<Kept> {
  const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const link = { tls: at.tls, environment, timeoutMs: 0, connectMs: CONNECT_MS };
  const { endpoint } = at.settings;
  const client = new S3Client({
    ...(await awsClientOptions(at.settings, link, at.region)),
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: at.isInPath,
  });
  const put = async (key: string, conditions: Pick<PutObjectCommandInput, 'IfNoneMatch'>): Promise<void> => {
    const object = {
      ...{ Bucket: at.bucket, Key: key, Body: artifact.bytes, ContentType: artifact.contentType },
      ChecksumAlgorithm: 'CRC32' as const,
    };
    const sent = client.send(new PutObjectCommand({ ...object, ...conditions }), { abortSignal: signal });
    // Credentials that do not come are not waited for, either.
    await beforeAbort(sent, signal, () => new Error('no answer before its time was over'));
  };
  try {
    const [first, second] = namesOf(name, artifact.bytes).map((own) => keyBelow(at.prefix, own));
    const key = await putUnder([first ?? name, second ?? name], put);
    return { kind: 'kept', place: placeOf(key) };
  } catch (error) {
    const trouble = awsTrouble(error);
    const secrets = [at.settings.secretaccesskey?.reveal() ?? ''];
    return keptOfRefusal({ ...trouble, reason: textWithoutSecrets(trouble.reason, secrets) });
  } finally {
    client.destroy();
  }
}

/** The key that it was put under. */
async function putUnder(
  [first, second]: readonly [string, string],
  put: (key: string, conditions: Pick<PutObjectCommandInput, 'IfNoneMatch'>) => Promise<void>,
): Promise<string> {
  try {
    await put(first, { IfNoneMatch: '*' });
    return first;
  } catch (error) {
    // There is one of that name, or the service knows no conditions. Under the second name there can only be the same.
    const { status } = awsTrouble(error);
    if (status !== 412 && status !== 501) throw error;
    await put(second, {});
    return second;
  }
}
