/**
 * All outputs of the hub, in the order in which `Enabled Outputs` names them. What Falcosidekick calls Prometheus, StatsD
 * and DogStatsD is not here: they are about the hub itself, not about alerts.
 */

import type { Sink } from '../sink.ts';
import { alertmanager } from './alertmanager.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

export const sinkRoster: readonly Sink[] = [slack, alertmanager, webhook];
