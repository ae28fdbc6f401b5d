export { deriveKernelFilters, type KernelFilters, noKernelFilters, type OpenGroup } from './derive.ts';
export { encodeKernelFilters } from './encode.ts';
export { FilterTwin, type TwinOptions } from './filter-twin.ts';
export { ALWAYS_FLAG, openResult, type PathNeed } from './open-needs.ts';
