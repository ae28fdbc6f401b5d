/** The audit log of Kubernetes on EKS. */

import { Fault, flag, integer, schema, text } from '@peregrine/base';
import { AUDIT_SOURCE_NAME, auditFieldRoster } from '@peregrine/fields';
import { auditRules } from './k8saudit.ts';
import { defineSourcePlugin } from './source-plugin.ts';

export const k8sauditEks = defineSourcePlugin({
  name: 'k8saudit-eks',
  version: '0.12.0',
  source: AUDIT_SOURCE_NAME,
  doc: 'Audit events of an EKS cluster, from CloudWatch Logs. One instance reads a cluster, or alerts multiply. It needs the permissions logs:FilterLogEvents and logs:DescribeLogGroups on the group `/aws/eks/CLUSTER/cluster`; credentials are found as by all of Amazon’s tools: environment, profile, SSO, service account, instance.',
  fields: auditFieldRoster,
  settings: schema({
    profile: text({ default: '', doc: 'Profile of the shared configuration; absent, `AWS_PROFILE`.' }),
    region: text({ default: '', doc: 'Region; absent, `AWS_REGION` or that of the profile.' }),
    polling_interval: integer({ default: 5, min: 1, max: 3_600, doc: 'Seconds between two questions.' }),
    shift: integer({
      default: 1,
      min: 0,
      max: 1_209_600,
      doc: 'Seconds before now at which reading begins, where nothing is known of an earlier run.',
    }),
    buffer_size: integer({ default: 200, min: 1, max: 10_000, doc: 'Events that are asked for at once.' }),
    use_async: flag({ default: true, doc: 'Accepted.' }),
    max_event_size: integer({
      default: 262_144,
      min: 1_024,
      max: 67_108_864,
      doc: 'Bytes of an event. Larger ones are left out, counted and told of.',
    }),
    checkpoint_file: text({
      default: '/var/lib/peregrine/k8saudit-eks.json',
      doc: 'Where it is kept how far was read, for the next start; nowhere if empty. Not in the reference.',
    }),
    endpoint: text({
      default: '',
      doc: 'Address of the service, where it is not the region’s own. Not in the reference.',
    }),
  }),
  openForms: [{ form: 'CLUSTER', doc: 'Name of the cluster.' }],
  rules: auditRules,
  open: async ({ settings, openParams, tell, environment }) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(openParams))
      throw new Fault('source-address', `\`${openParams}\` is no name of an EKS cluster`);
    const { EksFeed } = await import('@peregrine/sources/feeds');
    const or = (value: string, fallback?: string): string | undefined => value || fallback || undefined;
    return EksFeed.open({
      cluster: openParams,
      region: or(settings.region, environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION),
      profile: or(settings.profile, environment.AWS_PROFILE ?? environment.AWS_DEFAULT_PROFILE),
      endpoint: or(settings.endpoint),
      pollMs: settings.polling_interval * 1_000,
      shiftMs: settings.shift * 1_000,
      pageSize: settings.buffer_size,
      mostEventBytes: settings.max_event_size,
      checkpointFile: settings.checkpoint_file,
      tell,
    });
  },
});
