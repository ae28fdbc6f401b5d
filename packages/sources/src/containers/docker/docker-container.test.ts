import { objectIn } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, dockerImageOf, metadataOf, networkOwnerOf, podmanImageOf } from './docker-container.ts';

const part = fc.oneof(fc.jsonValue(), fc.constant(undefined));
const label = fc.dictionary(
  fc.string({ unit: 'grapheme' }),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
);
const anyContainer = fc.record({
  Id: part,
  Name: part,
  Image: part,
  ImageName: part,
  Config: fc.oneof(
    part,
    fc.record({ Image: part, Labels: label, Env: part, Healthcheck: fc.record({ Test: part }) }),
  ),
  HostConfig: part,
  Mounts: fc.oneof(
    part,
    fc.array(fc.oneof(part, fc.record({ Source: fc.string({ unit: 'grapheme' }), RW: part }))),
  ),
  NetworkSettings: fc.oneof(part, fc.record({ IPAddress: part, Networks: fc.dictionary(fc.string(), part) })),
});
const anyImage = fc.record({ RepoTags: part, RepoDigests: fc.oneof(part, fc.array(fc.string())) });

test('whatever comes, metadata are whole and within bounds', () => {
  fc.assert(
    fc.property(anyContainer, anyImage, fc.nat(20), (container, image, labelBytes) => {
      const facts = dockerImageOf(container, objectIn(image));
      podmanImageOf(container);
      networkOwnerOf(container);
      const metadata = metadataOf(container, facts, addressOf(container), { labelBytes });
      for (const [name, value] of Object.entries(metadata.labels)) {
        expect(name).toMatch(/^[\0-\xff]*$/);
        expect(value.length).toBeLessThanOrEqual(labelBytes);
      }
      for (const text of [metadata.name, metadata.ip, metadata.image, metadata.imageTag]) {
        expect(text).toMatch(/^[\0-\xff]*$/);
        expect(text.length).toBeLessThanOrEqual(4_096);
      }
    }),
    { numRuns: 500 },
  );
});
