/** What the configuration says of how responses may run. */

/** How often something may be done. */
export interface LimitSettings {
  /** Names of what is done (`kubernetes:terminate`); empty: whatever changes something. */
  readonly actionners: readonly string[];
  readonly scope: 'namespace' | 'node' | 'everywhere';
  readonly mostCount: number;
  readonly windowMs: number;
}

/** What nothing is done to. */
export interface ProtectionSettings {
  readonly namespaces: readonly string[];
  /** `app=falco`; `app` for any value. */
  readonly labels: readonly string[];
  readonly nodes: readonly string[];
  readonly pids: readonly number[];
}

export interface ResponderSettings {
  /** Nothing is changed, whatever rules say. */
  readonly isDryRun: boolean;
  /** Alerts with the same text within this time are one. */
  readonly dedupWindowMs: number;
  /** The same is not done to the same target again within this time. */
  readonly cooldownMs: number;
  /** Actions under way at once. */
  readonly mostRunning: number;
  /** Responses that wait for their turn; further ones are held. */
  readonly mostWaiting: number;
  readonly limits: readonly LimitSettings[];
  readonly protections: ProtectionSettings;
  /** How long somebody may take to approve. */
  readonly approvalMs: number;
  /** Alerts that came in longer ago lead to nothing: the hub was off. */
  readonly mostAgeMs: number;
  readonly mostAttempts: number;
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  readonly defaultNotifiers: readonly string[];
}
