export { type DerivedKills, deriveKernelKills, type KernelKills } from './derive-kills.ts';
