/** A server that speaks S3 as far as putting objects: signatures, conditions, checksums; and keeps them. */

import { crc32 } from 'node:zlib';
import { type AwsAnswer, type AwsRequest, type AwsServer, startAwsServer } from '@peregrine/sources/testing';

export interface BucketServer extends AwsServer {
  /** By path; contents of its objects. */
  readonly objects: Map<string, string>;
  /** What is answered in place of what would be. */
  special: (request: AwsRequest) => AwsAnswer | undefined;
}

/** With one bucket, `captures`. */
export async function startBuckets(): Promise<BucketServer> {
  const objects = new Map<string, string>();
  const server = await startAwsServer('s3', (request) => found.special(request) ?? put(request, objects));
  const found: BucketServer = { ...server, objects, special: () => undefined };
  return found;
}

function put({ method, path, headers, bytes }: AwsRequest, objects: Map<string, string>): AwsAnswer {
  const [place = ''] = path.split('?');
  const failure = (status: number, code: string): AwsAnswer => ({
    status,
    ...{ type: 'application/xml', body: `<Error><Code>${code}</Code><Message>said</Message></Error>` },
  });
  if (method !== 'PUT') return failure(405, 'MethodNotAllowed');
  if (!place.startsWith('/captures/')) return failure(404, 'NoSuchBucket');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  if (headers['x-amz-checksum-crc32'] !== sum.toString('base64')) return failure(400, 'BadDigest');
  if (headers['if-none-match'] === '*' && objects.has(place)) return failure(412, 'PreconditionFailed');
  objects.set(place, bytes.toString('utf8'));
  return { type: 'application/xml', body: '' };
}
