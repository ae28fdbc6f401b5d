export {
  ContainerLookups,
  type LookupCounters,
  type LookupOptions,
  type RuntimeSettings,
} from './container-lookups.ts';
export { type Runtime, runtimeRoster } from './runtimes.ts';
