import { describe, expect, test } from 'vitest';
import { transformerRoster } from './transformers.ts';

describe.each(transformerRoster)('$name', (transformer) => {
  test.each(transformer.examples)('$args $selector', ({ args, selector, result }) => {
    expect(transformer.apply(args, selector)).toEqual(result);
  });

  test('is documented', () => {
    expect(transformer.doc).toMatch(/^[A-Z].*\.$/);
    expect(transformer.examples).not.toHaveLength(0);
  });
});
