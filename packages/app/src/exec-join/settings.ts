/** Whether and how requests of the audit log are joined with what runs in pods. */

import type { HoldLimits } from '@peregrine/engine';
import { AUDIT_SOURCE_NAME } from '@peregrine/fields';
import type { Config } from '../config/config.ts';
import { fedSources, isKernelWanted } from '../plugins/loaded-plugins.ts';

/** Only where both sources are read. */
export function isJoining(config: Config): boolean {
  return (
    config.kubernetes_users.enabled &&
    isKernelWanted(config) &&
    fedSources(config).includes(AUDIT_SOURCE_NAME)
  );
}

export function sessionHold(config: Config): HoldLimits {
  const { wait_ms: mostMs, wait_capacity: capacity } = config.kubernetes_users;
  return isJoining(config) ? { mostMs, capacity } : { mostMs: 0, capacity: 0 };
}
