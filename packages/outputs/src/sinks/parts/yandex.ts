/** What outputs to Yandex Cloud share: keys, and signatures as Amazon's services have them. */

import { createHash, createHmac } from 'node:crypto';
import { type Infer, Secret, schema, secret, text } from '@peregrine/base';
import type { Refusal, SharedSection, SinkContext } from '../../sink.ts';
import type { HttpClient } from '../../transport/http-client.ts';
import { signedClient } from './signed-client.ts';

const config = schema({
  accesskeyid: text({ default: '', doc: 'Id of a static access key.', example: 'YCAJ...' }),
  secretaccesskey: secret({ default: new Secret(''), doc: 'The key.', example: 'YCP...' }),
  region: text({ default: 'ru-central1', doc: 'Region.' }),
});

export const yandexSection: SharedSection<typeof config.keys> = { name: 'yandex', config };
export type YandexSettings = Infer<typeof config>;

/** `key` is what turns the output on. */
export function withoutKey(
  { accesskeyid, secretaccesskey }: YandexSettings,
  key: string,
): readonly Refusal[] {
  return accesskeyid === '' || secretaccesskey.reveal() === ''
    ? [{ key, why: 'needs `yandex.accesskeyid` and `yandex.secretaccesskey`' }]
    : [];
}

/** Signs every request for the service. */
export async function yandexClient(
  service: 's3' | 'kinesis',
  { accesskeyid, secretaccesskey, region }: YandexSettings,
  context: SinkContext,
): Promise<HttpClient> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId: accesskeyid, secretAccessKey: secretaccesskey.reveal() },
    sha256: Sha256,
    // Names of objects are encoded once, and not again.
    uriEscapePath: service !== 's3',
  });
  return signedClient(context, async ({ method, url, headers, body }) => {
    const { hostname, host, pathname, protocol } = url;
    const signed = await signer.sign({
      ...{ method, protocol, hostname, path: pathname, body },
      headers: { ...headers, host },
      query: Object.fromEntries(url.searchParams),
    });
    return signed.headers;
  });
}

/** As the signer wants hashes. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
