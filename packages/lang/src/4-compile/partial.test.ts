import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCondition, anyEventValues, anyThreadValues } from '../../testing/arbitraries.ts';
import {
  createThread,
  eventNames,
  fieldOf,
  type SyntheticEvent,
  scalarConstant,
  testOf,
} from '../../testing/synthetic.ts';
import type { CheckedCondition, CheckedOutputPart } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import { evaluate } from './oracle.ts';
import { compileOutput } from './output.ts';
import { compilePartialCondition, compilePartialOutput } from './partial.ts';
import type { JsonValue } from './value-text.ts';

const isOfThread = ({ scope }: BoundField<SyntheticEvent>): boolean => scope === 'thread';
const code = fc.constantFrom(...eventNames.keys());

test('settled or not, verdicts are those of the whole condition', () => {
  fc.assert(
    fc.property(anyCondition, code, anyEventValues, anyThreadValues, (condition, code, values, later) => {
      const verdict = compilePartialCondition(condition, isOfThread)({ code, thread: undefined, values });
      const kept = { code, thread: createThread(later), values };
      expect(typeof verdict === 'boolean' ? verdict : verdict(kept)).toBe(evaluate(condition, kept));
    }),
    { numRuns: 2_000 },
  );
});

const name = fieldOf({ name: 'e.name', type: 'CHARBUF', scope: 'event' });
const image = fieldOf({ name: 't.image', type: 'CHARBUF', scope: 'thread' });
const isShell = testOf(name, '=', [scalarConstant('sh')]);
const isNginx = testOf(image, '=', [scalarConstant('nginx')]);
const event = (nameNow: string, imageNow?: string): SyntheticEvent => ({
  code: 0,
  thread: createThread({ 't.image': imageNow }),
  values: { 'e.name': nameNow },
});

const joined = (operator: 'and' | 'or', ...terms: CheckedCondition<SyntheticEvent>[]) =>
  ({ kind: 'junction', operator, terms }) as const;
const not = (term: CheckedCondition<SyntheticEvent>) => ({ kind: 'not', term }) as const;

describe('what the event tells is settled at once', () => {
  const cases: readonly (readonly [string, CheckedCondition<SyntheticEvent>, string, boolean | undefined])[] =
    [
      ['and, the first fails', joined('and', isShell, isNginx), 'ls', false],
      ['and, the last fails', joined('and', isNginx, isShell), 'ls', false],
      ['and, open', joined('and', isShell, isNginx), 'sh', undefined],
      ['or, one holds', joined('or', isNginx, isShell), 'sh', true],
      ['or, open', joined('or', isNginx, isShell), 'ls', undefined],
      ['not', not(joined('and', isShell, isNginx)), 'ls', true],
      ['nothing open', isShell, 'sh', true],
    ];
  test.each(cases)('%s', (_title, condition, nameNow, settled) => {
    const verdict = compilePartialCondition(condition, isOfThread)(event(nameNow));
    expect(typeof verdict === 'boolean' ? verdict : undefined).toBe(settled);
  });

  test('what is open does not ask the event again', () => {
    const verdict = compilePartialCondition(joined('and', isShell, not(isNginx)), isOfThread)(event('sh'));
    if (typeof verdict === 'boolean') throw new Error('it is settled');
    expect([verdict(event('other', 'redis')), verdict(event('sh', 'nginx'))]).toEqual([true, false]);
  });
});

describe('outputs', () => {
  const parts: readonly CheckedOutputPart<SyntheticEvent>[] = [
    { kind: 'literal', text: 'saw ' },
    { kind: 'value', operand: { kind: 'field', field: name }, widthBytes: 4 },
    { kind: 'literal', text: ' in ' },
    { kind: 'value', operand: { kind: 'field', field: image }, widthBytes: undefined },
  ];

  test('the rest is filled in later', () => {
    const output = compilePartialOutput(parts, isOfThread);
    expect(output.isOpen).toBe(true);
    const { text, values } = output.begin(event('sh'))(event('other', 'nginx'));
    expect(text).toBe('saw sh   in nginx');
    expect([...values]).toEqual([
      ['e.name', 'sh'],
      ['t.image', 'nginx'],
    ]);
  });

  test('the same as in one step', () => {
    const whole = compileOutput(parts);
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (nameNow, imageNow) => {
        const given = event(Buffer.from(nameNow).toString('latin1'), imageNow);
        const values: JsonValue[] = [];
        const text = whole.render(given, values);
        const found = compilePartialOutput(parts, isOfThread).begin(given)(given);
        expect([found.text, [...found.values.values()]]).toEqual([text, values]);
      }),
    );
  });

  test('without anything open', () => {
    expect(compilePartialOutput(parts.slice(0, 3), isOfThread).isOpen).toBe(false);
  });
});
