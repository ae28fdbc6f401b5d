/** Objects in a bucket of Google Cloud Storage. */

import { optional, schema, text, url } from '@peregrine/base';
import {
  googleClient,
  googleSection,
  googleUrl,
  type HttpAnswer,
  type HttpTrouble,
  prepareRequest,
  reasonOf,
  retryAfterMs,
  systemTrust,
} from '@peregrine/outputs/remote';
import { settingsOf } from '../hub-section.ts';
import { defineArtifactStore, type Kept } from './artifact-store.ts';
import { badBucket, keptOfRefusal, keyBelow, namesOf } from './places.ts';

/** The signal that comes with a file ends it, this does not, milliseconds. */
const NO_LIMIT_MS = 3_600_000;

const section = { section: googleSection.name, schema: googleSection.config };

export const gcpGcsStore = defineArtifactStore({
  name: 'gcp:gcs',
  doc: 'Objects in a bucket of Google Cloud Storage. Google must allow `storage.objects.create`.',
  settings: section,
  parameters: schema({
    bucket: text({ doc: 'Name of the bucket.', example: 'falco-captures' }),
    prefix: text({ default: '', doc: 'Folder in it.', example: 'captures' }),
    endpoint: optional(url({ doc: 'Address of Cloud Storage, where it is not the usual one.' })),
  }),
  refuses: ({ bucket }) => badBucket(bucket),
  keep: async ({ bytes, contentType }, name, { bucket, prefix, endpoint }, own, { signal }) => {
    const client = await googleClient(
      settingsOf(section, () => own),
      { tls: systemTrust, timeoutMs: NO_LIMIT_MS },
    ).catch((error: unknown) => ({ trouble: error instanceof Error ? error.message : String(error) }));
    // What the credentials are is wrong, which nobody but the operator can change.
    if ('trouble' in client) return { kind: 'refused', reason: client.trouble };
    const path = ['upload', 'storage', 'v1', 'b', bucket, 'o'];
    const address = googleUrl(endpoint, 'https://storage.googleapis.com', ...path);
    const put = (key: string): Promise<HttpAnswer | HttpTrouble> => {
      // Made only where there is none of that name: nothing is written over.
      const query = new URLSearchParams({ uploadType: 'media', name: key, ifGenerationMatch: '0' });
      const headers = { 'content-type': contentType, 'user-agent': 'peregrine' };
      const request = { url: `${address}?${query}`, headers, body: bytes };
      return client.send(prepareRequest(request, {}, { deliveryId: key }), signal);
    };
    try {
      for (const [index, candidate] of namesOf(name, bytes).entries()) {
        const key = keyBelow(prefix, candidate);
        const answer = await put(key);
        const isTaken = 'status' in answer && answer.status === 412;
        // Under its second name there can only be the same.
        if (isGood(answer) || (isTaken && index > 0)) return { kind: 'kept', place: `gs://${bucket}/${key}` };
        if (!isTaken) return refusalOf(answer);
      }
      return { kind: 'refused', reason: 'there is one of that name' };
    } finally {
      client.close();
    }
  },
});

function isGood(answer: HttpAnswer | HttpTrouble): boolean {
  return 'status' in answer && answer.status >= 200 && answer.status < 300;
}

function refusalOf(answer: HttpAnswer | HttpTrouble): Kept {
  if ('trouble' in answer) return keptOfRefusal({ status: undefined, reason: answer.trouble });
  const { status, headers } = answer;
  const afterMs = retryAfterMs(headers['retry-after'], Date.now());
  return keptOfRefusal({ status, reason: reasonOf(answer), afterMs });
}
