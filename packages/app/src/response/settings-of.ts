/** The responder's settings from the hub's configuration. */

import type { ResponderSettings } from '@peregrine/actions';
import type { HubSettings } from '../hub/config/keys.ts';

export function responderSettings({ response, delivery }: HubSettings): ResponderSettings {
  return {
    isDryRun: response.dryrun,
    dedupWindowMs: response.dedupwindow,
    cooldownMs: response.cooldown,
    mostRunning: response.maxrunning,
    mostWaiting: response.maxwaiting,
    limits: response.limits.map(({ actions, per, most, window }) => ({
      actionners: actions,
      scope: per,
      mostCount: most,
      windowMs: window,
    })),
    protections: { ...response.protected, pids: [...response.protected.pids, process.pid] },
    approvalMs: response.approval.timeout,
    mostAgeMs: response.maxage,
    mostAttempts: response.attempts,
    firstRetryMs: Math.min(delivery.retryfirst, 500),
    mostRetryMs: Math.min(delivery.retrymax, 10_000),
    defaultNotifiers: response.defaultnotifiers,
  };
}
