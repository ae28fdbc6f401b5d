/** The event source `k8s_audit`: what the API server of Kubernetes was asked. */

import type { Source } from '@peregrine/lang';
import type { JsonEvent } from '../json/json-event.ts';
import { createJsonSource } from '../json/json-source.ts';
import { auditFieldRoster } from './roster.ts';

export const AUDIT_SOURCE_NAME = 'k8s_audit';

export function createAuditSource(): Source<JsonEvent> {
  return createJsonSource({ name: AUDIT_SOURCE_NAME, pluginName: 'k8saudit', fields: auditFieldRoster });
}
