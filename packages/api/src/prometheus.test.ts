import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderPrometheus } from './prometheus.ts';

test('families with their samples', () => {
  const text = renderPrometheus([
    { name: 'a_total', type: 'counter', doc: 'Things.', samples: [{ labels: {}, value: 3 }] },
    { name: 'empty', type: 'gauge', doc: 'None.', samples: [] },
    {
      name: 'b',
      type: 'gauge',
      doc: 'back\\slash\nline',
      samples: [
        { labels: { rule: 'say "hi"\\\n', tag: 'x' }, value: 0.5 },
        { labels: { rule: 'other' }, value: 12345678901234567890n },
      ],
    },
    {
      name: 'c_seconds',
      type: 'histogram',
      doc: 'Time.',
      samples: [
        { suffix: '_bucket', labels: { le: '+Inf' }, value: 2 },
        { suffix: '_sum', labels: {}, value: 0.25 },
        { suffix: '_count', labels: {}, value: 2 },
      ],
    },
  ]);
  expect(text).toBe(
    [
      '# HELP a_total Things.',
      '# TYPE a_total counter',
      'a_total 3',
      '# HELP b back\\\\slash\\nline',
      '# TYPE b gauge',
      'b{rule="say \\"hi\\"\\\\\\n",tag="x"} 0.5',
      'b{rule="other"} 12345678901234567890',
      '# HELP c_seconds Time.',
      '# TYPE c_seconds histogram',
      'c_seconds_bucket{le="+Inf"} 2',
      'c_seconds_sum 0.25',
      'c_seconds_count 2',
      '',
    ].join('\n'),
  );
});

test('whatever a label holds, a sample is one line that reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = renderPrometheus([
        { name: 'x', type: 'gauge', doc: 'X.', samples: [{ labels: { l: value }, value: 1 }] },
      ]);
      const line = text.split('\n')[2] ?? '';
      const quoted = /^x\{l="(.*)"\} 1$/s.exec(line)?.[1];
      const unescaped = quoted?.replace(/\\(.)/gs, (_, char) => (char === 'n' ? '\n' : char));
      expect(unescaped).toBe(value);
    }),
  );
});
