/** How large the kernel's rings are, and how many CPUs share one. */

import type { Config } from '../config/config.ts';

const MEGABYTE = 1 << 20;

export interface RingSizes {
  readonly ringBytes: number;
  readonly cpusPerRing: number;
}

/** Both are powers of two: a number of CPUs that is none is rounded up, so that there are no more rings than asked. */
export function ringSizesOf({ engine }: Pick<Config, 'engine'>, cpuCount: number): RingSizes {
  const { modern_ebpf: modern, kmod } = engine;
  const preset = (engine.kind === 'kmod' ? kmod : modern).buf_size_preset;
  const cpus = modern.cpus_for_each_buffer === 0 ? cpuCount : modern.cpus_for_each_buffer;
  return {
    ringBytes: modern.buf_size_bytes === 0 ? 2 ** (preset - 1) * MEGABYTE : modern.buf_size_bytes,
    cpusPerRing: 2 ** Math.ceil(Math.log2(cpus)),
  };
}
