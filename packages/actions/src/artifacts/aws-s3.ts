/** Objects in a bucket of Amazon S3. */

import { schema, text } from '@peregrine/base';
import { awsSection, systemTrust } from '@peregrine/outputs/remote';
import { settingsOf } from '../hub-section.ts';
import { defineArtifactStore } from './artifact-store.ts';
import { badBucket } from './places.ts';
import { putS3Object } from './put-s3-object.ts';

const section = { section: awsSection.name, schema: awsSection.config };

export const awsS3Store = defineArtifactStore({
  name: 'aws:s3',
  doc: 'Objects in a bucket of Amazon S3. AWS must allow `s3:PutObject`.',
  settings: section,
  parameters: schema({
    bucket: text({ doc: 'Name of the bucket.', example: 'falco-captures' }),
    prefix: text({ default: '', doc: 'Folder in it.', example: 'captures' }),
    region: text({ default: '', doc: 'Region of the bucket; empty, that of the section `aws`.' }),
  }),
  refuses: ({ bucket }) => badBucket(bucket),
  keep: (artifact, name, { bucket, prefix, region }, own, context) => {
    const settings = settingsOf(section, () => own);
    const isInPath = settings.endpoint !== undefined;
    const place = { settings, tls: systemTrust, bucket, prefix, region: region || undefined, isInPath };
    return putS3Object(artifact, name, place, context, (key) => `s3://${bucket}/${key}`);
  },
});
