import { expect, test } from 'vitest';
import { configOf } from '../../testing/setup.ts';
import { ringSizesOf } from './ring-sizes.ts';

const MEGABYTE = 1 << 20;

test.each([
  ['{}', 8 * MEGABYTE, 2],
  ['{ modern_ebpf: { buf_size_preset: 1, cpus_for_each_buffer: 1 } }', MEGABYTE, 1],
  ['{ modern_ebpf: { buf_size_preset: 10, cpus_for_each_buffer: 3 } }', 512 * MEGABYTE, 4],
  ['{ modern_ebpf: { buf_size_preset: 10, buf_size_bytes: 4096 } }', 4_096, 2],
  ['{ modern_ebpf: { cpus_for_each_buffer: 0 } }', 8 * MEGABYTE, 8],
  ['{ kind: kmod, kmod: { buf_size_preset: 2 } }', 2 * MEGABYTE, 2],
])('%s', (engine, ringBytes, cpusPerRing) => {
  expect(ringSizesOf(configOf(`engine: ${engine}`), 6)).toEqual({ ringBytes, cpusPerRing });
});

test.each([1, 2_048, 12_288])('%i bytes are no size of a ring', (bytes) => {
  expect(() => configOf(`engine: { modern_ebpf: { buf_size_bytes: ${bytes} } }`)).toThrowError(
    'must be a power of two from 4096 on',
  );
});
