/** What the thread of a source and the main thread tell each other. All of it is plain data. */

import type { Alert } from '@peregrine/alert';
import type { ExecRequest } from '@peregrine/sources/feeds';
import type { Setup } from '../detection/setup.ts';
import type { RuleCount } from '../detection/statistics.ts';
import type { LogLevel } from '../log.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import type { FeedMeasurement } from './feed-measurement.ts';

export interface FeedStart {
  readonly setup: Setup;
  /** Source whose events are to be read, as rules name it. */
  readonly source: string;
  readonly hostname: string;
  /** Somebody keeps the stories around alerts. */
  readonly tellsStories: boolean;
}

export type ToFeed =
  | { readonly kind: 'reload'; readonly setup: Setup }
  | { readonly kind: 'stop' }
  | { readonly kind: 'measure'; readonly id: number }
  /** The alerts of the batch are out. */
  | { readonly kind: 'delivered'; readonly batch: number };

export type FromFeed =
  | { readonly kind: 'started'; readonly title: string; readonly report: RulesReport }
  | { readonly kind: 'alerts'; readonly batch: number; readonly alerts: readonly Alert[] }
  /** Requests to run something in a pod. */
  | { readonly kind: 'execs'; readonly requests: readonly ExecRequest[] }
  | { readonly kind: 'measured'; readonly id: number; readonly measurement: FeedMeasurement }
  | { readonly kind: 'note'; readonly level: LogLevel; readonly text: string }
  | { readonly kind: 'bug'; readonly text: string }
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly message: string;
      readonly hint: string | undefined;
    }
  /** There are no more events, or it was told to stop. */
  | { readonly kind: 'ended'; readonly events: number; readonly matches: readonly RuleCount[] };
