/** Fields of an event's time. Clock times show in the machine's time zone; JSON has nanoseconds since the epoch. */

import { type EventContext, joinWords } from '@peregrine/state';
import type { ArgumentParser } from './argument.ts';
import { fraction, isoTime, localClock, localDay, splitTime } from './clock-text.ts';
import {
  type Binding,
  defineFields,
  durationField,
  type FieldDeclaration,
  textField,
  timeField,
  valueField,
} from './define-fields.ts';

const NS_PER_SECOND = 1_000_000_000;
const NS_PER_MS = 1_000_000n;

type Write = (seconds: number, nanoseconds: number) => string;

/** Conditions compare the text; JSON outputs carry the number. */
export function clockField(
  doc: string,
  example: string,
  write: Write,
  isPrintOnly = false,
): FieldDeclaration {
  const text = (event: EventContext): string => {
    const { seconds, nanoseconds } = splitTime(event.view.timestampNs());
    return write(seconds, nanoseconds);
  };
  return textField({
    doc,
    examples: [example],
    cost: 500,
    isPrintOnly,
    read: text,
    show: (event) => timeOf(event),
    showText: text,
  });
}

function timeOf(event: EventContext): number | bigint {
  return joinWords(event.view.timestampLow(), event.view.timestampHigh());
}

/** Nanoseconds since the first event of the run. */
function relativeTimeOf(event: EventContext): number {
  const { view, firstTsLow, firstTsHigh } = event;
  return (view.timestampHigh() - firstTsHigh) * 4_294_967_296 + (view.timestampLow() - firstTsLow);
}

const timestampArgument: ArgumentParser<bigint> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['index'] as const }),
  parse: (text: string | undefined) =>
    text !== undefined && /^[0-9]{1,20}$/.test(text)
      ? { argument: BigInt(text) }
      : { reason: 'it needs a time between brackets, nanoseconds since the epoch' },
});

/** Holds for events at most so many milliseconds before or after the time. */
function around(time: bigint): Binding {
  return {
    read: timeOf,
    compare: (operator, constants) => {
      const [constant] = constants;
      if (operator !== '=' || constant === undefined || constants.length !== 1)
        return '`evt.around` can only be compared with `=`';
      const spanNs = BigInt(constant) * NS_PER_MS;
      return (event) => {
        const distance = event.view.timestampNs() - time;
        return distance <= spanNs && distance >= -spanNs;
      };
    },
  };
}

export const evtTimeFields = defineFields('evt', {
  'evt.time': clockField(
    'Time of day with nanoseconds.',
    '10:31:39.516305926',
    (s, ns) => `${localClock(s)}${fraction(ns)}`,
  ),
  'evt.time.s': clockField('Time of day.', '10:31:39', (s) => localClock(s)),
  'evt.time.iso8601': clockField(
    'Date and time in UTC, ISO 8601.',
    '2026-11-21T09:31:39.516305926+0000',
    isoTime,
  ),
  'evt.datetime': clockField(
    'Date and time of day with nanoseconds.',
    '2026-11-21 10:31:39.516305926',
    (s, ns) => `${localDay(s)} ${localClock(s)}${fraction(ns)}`,
  ),
  'evt.datetime.s': clockField(
    'Date and time of day.',
    '2026-11-21 10:31:39',
    (s) => `${localDay(s)} ${localClock(s)}`,
  ),
  'evt.rawtime': timeField({ doc: 'Time of the event, nanoseconds since the epoch.', read: timeOf }),
  'evt.rawtime.s': timeField({
    doc: 'Time of the event, whole seconds since the epoch.',
    read: (event) => event.view.timestampSeconds(),
  }),
  'evt.rawtime.ns': timeField({
    doc: 'Nanoseconds of the second begun.',
    format: 'padded',
    cost: 100,
    read: (event) => splitTime(event.view.timestampNs()).nanoseconds,
  }),
  'evt.reltime': durationField({
    doc: 'Nanoseconds since the first event.',
    format: 'padded',
    needs: ['time'],
    read: relativeTimeOf,
  }),
  'evt.reltime.s': durationField({
    doc: 'Whole seconds since the first event.',
    needs: ['time'],
    read: (event) => Math.floor(relativeTimeOf(event) / NS_PER_SECOND),
  }),
  'evt.reltime.ns': durationField({
    doc: 'Nanoseconds since the first event, without the whole seconds.',
    format: 'padded',
    needs: ['time'],
    read: (event) => relativeTimeOf(event) % NS_PER_SECOND,
  }),
});

/** Time between events, and fields that once measured calls from their start to their end. */
export const evtDeltaFields = defineFields('evt', {
  'evt.latency': durationField({
    doc: 'Always 0: calls are seen only at their end.',
    isDeprecated: true,
    scope: 'constant',
    read: () => 0,
  }),
  'evt.latency.s': durationField({
    doc: 'Always 0: whole seconds of a latency that is not measured.',
    isDeprecated: true,
    scope: 'constant',
    read: () => 0,
  }),
  'evt.latency.ns': durationField({
    doc: 'Always 0: nanoseconds of a latency that is not measured.',
    format: 'padded',
    isDeprecated: true,
    scope: 'constant',
    read: () => 0,
  }),
  'evt.latency.quantized': valueField({
    doc: 'Always 0: the logarithm of a latency that is not measured.',
    type: 'UINT64',
    format: 'dec',
    isDeprecated: true,
    isHidden: true,
    scope: 'constant',
    read: () => 0,
  }),
  'evt.latency.human': textField({
    doc: 'Always `0ns`: a latency that is not measured.',
    isDeprecated: true,
    scope: 'constant',
    read: () => '0ns',
  }),
  'evt.deltatime': durationField({
    doc: 'Nanoseconds since the event before.',
    needs: ['time'],
    read: (event) => event.deltaNs,
  }),
  'evt.deltatime.s': durationField({
    doc: 'Whole seconds since the event before.',
    needs: ['time'],
    read: (event) => Math.floor(event.deltaNs / NS_PER_SECOND),
  }),
  'evt.deltatime.ns': durationField({
    doc: 'Nanoseconds since the event before, without the whole seconds.',
    format: 'padded',
    needs: ['time'],
    read: (event) => event.deltaNs % NS_PER_SECOND,
  }),
  'evt.outputtime': clockField(
    'Time of day with nanoseconds, for outputs.',
    '10:31:39.516305926',
    (s, ns) => `${localClock(s)}${fraction(ns)}`,
    true,
  ),
  'evt.around': valueField({
    doc: 'Holds for events at most so many milliseconds before or after the time between brackets.',
    type: 'UINT64',
    format: 'dec',
    examples: ['1000'],
    isFilterOnly: true,
    allowsRightHandSide: false,
    allowsTransformers: false,
    argument: timestampArgument,
    bind: around,
  }),
});
