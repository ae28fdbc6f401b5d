export {
  ContainerLookups,
  type LookupCounters,
  type LookupOptions,
  type RuntimeSettings,
} from './container-lookups.ts';
export { isAskable, type Runtime, runtimeRoster } from './runtimes.ts';
