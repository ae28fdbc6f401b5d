/** CloudTrail. */

import { flag, integer, schema, text } from '@peregrine/base';
import { cloudtrailFieldRoster } from '@peregrine/fields';
import { addressForms, queueForms } from './address-forms.ts';
import { feedKeys, feedSettingsWithQueue, queueKeys } from './feed-settings.ts';
import { defineSourcePlugin } from './source-plugin.ts';

const web = { port: 9_767, path: '/cloudtrail' };

export const cloudtrail = defineSourcePlugin({
  name: 'cloudtrail',
  version: '0.13.0',
  source: 'aws_cloudtrail',
  doc: 'Events of CloudTrail, from its files, wherever they are. Credentials are found as by all of Amazon’s tools.',
  fields: cloudtrailFieldRoster,
  settings: schema({
    ...feedKeys,
    ...queueKeys,
    sqsDelete: flag({
      default: true,
      doc: 'Delete messages from the queue when the alerts of their files are out.',
    }),
    useAsync: flag({ default: true, doc: 'Accepted.' }),
    s3DownloadConcurrency: integer({
      default: 32,
      min: 1,
      max: 1_000,
      doc: 'Accepted: files are read one after the other.',
    }),
    profile: text({
      default: '',
      doc: 'Profile of the shared configuration; absent, `AWS_PROFILE`. Not in the reference.',
    }),
    region: text({
      default: '',
      doc: 'Region; absent, `AWS_REGION` or that of the profile. Not in the reference.',
    }),
    endpoint: text({
      default: '',
      doc: 'Address of the services, where it is not the region’s own. Not in the reference.',
    }),
  }),
  openForms: [
    { form: 's3://BUCKET/PREFIX', doc: 'Files in S3, all that are there.' },
    {
      form: 'sqs://QUEUE',
      doc: 'Files in S3 that messages of a queue tell of: of CloudTrail, through SNS or not, or of S3.',
    },
    ...addressForms,
    ...queueForms,
  ],
  web,
  open: async ({ settings, openParams, tell, environment }) => {
    const { nameOfRecord, openFeed, TrailFeed, unpackCloudtrail } = await import('@peregrine/sources/feeds');
    const { region, profile, endpoint } = settings;
    if (/^(s3|sqs):\/\/./.test(openParams))
      return TrailFeed.open({
        address: openParams,
        region: region || environment.AWS_REGION || environment.AWS_DEFAULT_REGION,
        profile: profile || environment.AWS_PROFILE,
        endpoint: endpoint || undefined,
        mostEventBytes: settings.maxEventSize,
        deletesMessages: settings.sqsDelete,
        tell,
      });
    const kind = { unpack: unpackCloudtrail, nameOf: nameOfRecord, ...web };
    return openFeed(openParams, kind, feedSettingsWithQueue(settings), tell);
  },
});
