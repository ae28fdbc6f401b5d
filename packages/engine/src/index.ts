export {
  type AlertBuilder,
  type AlertBuilderOptions,
  createAlertBuilder,
  timeFieldOf,
} from './alert-builder.ts';
export { Engine, type EngineOptions, type EventTap } from './engine.ts';
export { JsonEngine, type JsonEngineOptions } from './json-engine.ts';
export {
  ALWAYS_FLAG,
  deriveKernelFilters,
  encodeKernelFilters,
  FilterTwin,
  type KernelFilters,
  noKernelFilters,
  type OpenGroup,
  openResult,
  type PathNeed,
  type TwinOptions,
} from './kernel-filters/index.ts';
export { type DerivedKills, deriveKernelKills, type KernelKills } from './kernel-kills/index.ts';
export { createRuleset, type Matcher, type Ruleset, type RulesetOptions } from './ruleset.ts';
export type { HoldLimits, WaitingCounters } from './waiting-line.ts';
