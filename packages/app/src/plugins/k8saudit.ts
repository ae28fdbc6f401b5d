/** The audit log of Kubernetes, as API servers send it. */

import { join } from 'node:path';
import { flag, schema } from '@peregrine/base';
import { AUDIT_SOURCE_NAME, auditFieldRoster } from '@peregrine/fields';
import { addressForms, queueForms } from './address-forms.ts';
import { feedKeys, feedSettingsWithQueue, queueKeys } from './feed-settings.ts';
import { defineSourcePlugin } from './source-plugin.ts';

export const auditRules: string = join(import.meta.dirname, '../../../../rules/k8s-audit.yaml');

/** Two spellings are around for the same path; who asks for one gets both. */
const SPELLINGS = ['/k8s-audit', '/k8s_audit'];

const web = { port: 9_765, path: '/k8s-audit' };

export const k8saudit = defineSourcePlugin({
  name: 'k8saudit',
  version: '0.18.0',
  source: AUDIT_SOURCE_NAME,
  doc: 'Audit events that the API server of Kubernetes sends, or that are in files.',
  fields: auditFieldRoster,
  settings: schema({
    ...feedKeys,
    ...queueKeys,
    useAsync: flag({ default: true, doc: 'Accepted.' }),
  }),
  openForms: [...addressForms, ...queueForms],
  rules: auditRules,
  web,
  open: async ({ settings, openParams, tell }) => {
    const { nameOfAudit, openFeed, unpackAudit } = await import('@peregrine/sources/feeds');
    return openFeed(
      openParams,
      {
        unpack: unpackAudit,
        nameOf: nameOfAudit,
        ...web,
        alsoPaths: (path) => (SPELLINGS.includes(path) ? SPELLINGS.filter((other) => other !== path) : []),
      },
      feedSettingsWithQueue(settings),
      tell,
    );
  },
});
