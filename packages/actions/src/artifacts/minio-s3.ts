/** Objects in a bucket of MinIO, or of anything else that speaks S3 at an address of its own. */

import { readFileSync } from 'node:fs';
import { flag, type Infer, Secret, schema, secret, text } from '@peregrine/base';
import { systemTrust, type TlsTrust } from '@peregrine/outputs/remote';
import { type HubSection, settingsOf } from '../hub-section.ts';
import { defineArtifactStore, type Kept } from './artifact-store.ts';
import { badBucket } from './places.ts';
import { putS3Object } from './put-s3-object.ts';

const minioKeys = schema({
  endpoint: text({
    default: '',
    doc: 'Host and port of MinIO, or its address.',
    example: 'minio.minio:9000',
  }),
  access_key: text({ default: '', doc: 'Name of the key.' }),
  secret_key: secret({ default: new Secret(''), doc: 'The key itself.' }),
  use_ssl: flag({ default: false, doc: 'Speak HTTPS; an address says itself what it speaks.' }),
  checkcert: flag({ default: true, doc: "Check the server's certificate." }),
  cacertfile: text({ default: '', doc: 'PEM file of authorities to trust beside those of the system.' }),
  region: text({ default: 'us-east-1', doc: 'Region that requests are signed for.' }),
});
type MinioSettings = Infer<typeof minioKeys>;

const section: HubSection<typeof minioKeys.keys> = { section: 'minio', schema: minioKeys };

export const minioS3Store = defineArtifactStore({
  name: 'minio:s3',
  doc: 'Objects in a bucket of MinIO, or of anything else that speaks S3; where it is and who we are is in the section `minio`. The bucket must be there.',
  settings: section,
  parameters: schema({
    bucket: text({ doc: 'Name of the bucket.', example: 'falco-captures' }),
    prefix: text({ default: '', doc: 'Folder in it.', example: 'captures' }),
  }),
  refuses: ({ bucket }) => badBucket(bucket),
  keep: async (artifact, name, { bucket, prefix }, own, context) => {
    const settings = settingsOf(section, () => own);
    const { access_key: accesskeyid, secret_key: secretaccesskey, region } = settings;
    const endpoint = addressOf(settings);
    if (endpoint === undefined || accesskeyid === '' || secretaccesskey.reveal() === '')
      return refused('`minio.endpoint`, `minio.access_key` and `minio.secret_key` must be set');
    const tls = readTrust(settings);
    if ('trouble' in tls) return refused(tls.trouble);
    const aws = {
      accesskeyid,
      secretaccesskey,
      region,
      endpoint,
      rolearn: '',
      externalid: '',
      checkidentity: false,
    };
    const place = { settings: aws, tls, bucket, prefix, region, isInPath: true };
    return putS3Object(artifact, name, place, context, (key) => `${endpoint}/${bucket}/${key}`);
  },
});

function refused(reason: string): Kept {
  return { kind: 'refused', reason };
}

/** `undefined`: it is none. */
function addressOf({ endpoint, use_ssl }: MinioSettings): string | undefined {
  const written = endpoint.trim().replace(/\/+$/, '');
  if (written === '') return undefined;
  const address = /^https?:\/\//i.test(written) ? written : `${use_ssl ? 'https' : 'http'}://${written}`;
  return URL.canParse(address) ? address : undefined;
}

function readTrust({ checkcert, cacertfile }: MinioSettings): TlsTrust | { readonly trouble: string } {
  if (cacertfile === '') return { ...systemTrust, isChecked: checkcert };
  try {
    return { ...systemTrust, isChecked: checkcert, authorities: [readFileSync(cacertfile, 'utf8')] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { trouble: `\`minio.cacertfile\` cannot be read: ${why}` };
  }
}
