/** What the kernel leaves out for the rules in use, as the configuration says. */

import { deriveKernelFilters, type KernelFilters, noKernelFilters } from '@peregrine/engine';
import type { CheckedRule, Source } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';

export interface FilterInputs {
  readonly rules: readonly CheckedRule<EventContext>[];
  readonly needs: ReadonlySet<string>;
}

/** `source`: what the rules were checked against. */
export function kernelFiltersOf(
  { rules, needs }: FilterInputs,
  source: Source<EventContext>,
  config: Config,
): KernelFilters {
  const filters = deriveKernelFilters({ rules, needs, source });
  const reason = settingAgainst(config);
  return reason === undefined ? filters : noKernelFilters(reason);
}

function settingAgainst({ engine, capture }: Config): string | undefined {
  if (!engine.modern_ebpf.kernel_filters) return '`engine.modern_ebpf.kernel_filters` is off';
  return capture.enabled ? 'recordings around alerts (`capture`) are to hold all events' : undefined;
}
