/** The keys that outputs have beside their own. */

import { type Priority, priorities } from '@peregrine/alert';
import {
  duration,
  flag,
  type Infer,
  integer,
  type Keys,
  nearestName,
  optional,
  parsedText,
  schema,
  text,
  textMap,
  type ValueSchema,
} from '@peregrine/base';
import type { Sink } from '../sink.ts';

/** The least urgent priority that passes; empty, all do. COMPAT: `info` is meant as `informational`. */
export function minimumPriority(doc: string): ValueSchema<Priority | undefined> {
  return optional(
    parsedText<Priority | undefined>({ doc, type: 'priority, or nothing' }, (text) => {
      const word = text.trim().toLowerCase();
      if (word === '' || word === 'default') return { value: undefined };
      const name = word === 'info' ? 'informational' : word;
      const found = priorities.find((priority) => priority.toLowerCase() === name);
      if (found !== undefined) return { value: found };
      const nearest = nearestName(
        name,
        priorities.map((priority) => priority.toLowerCase()),
      );
      return {
        why:
          nearest === undefined ? 'this is no priority' : `this is no priority: did you mean \`${nearest}\`?`,
      };
    }),
  );
}

const priorityKeys = { minimumpriority: minimumPriority('Least urgent priority of alerts that are sent.') };

const tlsKeys = {
  mutualtls: flag({
    default: false,
    doc: 'Present the certificate of `mutualtlsclient`; the destination is then checked, whatever `checkcert` says.',
  }),
  checkcert: flag({ default: true, doc: "Check the destination's certificate." }),
};

const headerKeys = {
  customheaders: textMap({ default: {}, doc: 'Headers to add to each request.', example: 'X-Team:security' }),
};

const patienceKeys = {
  timeout: duration({ default: '10s', min: 1, doc: 'How long the destination may take over one request.' }),
  maxage: duration({
    default: '1d',
    min: 1,
    doc: 'How long an alert is tried; then it goes to the dead letters. Time in which the hub does not run does not count.',
  }),
};

const concurrencyKeys = {
  maxconcurrentrequests: integer({
    default: 1,
    min: 0,
    doc: 'Requests that may wait for an answer at the same time; 1 keeps alerts in order, 0 is no limit.',
  }),
  orderby: text({
    default: '',
    doc: 'With several requests at the same time: alerts that are equal in this keep their order; empty, all may overtake each other.',
    example: 'rule',
  }),
};

/** What the delivery reads of the common keys, whether the output has them or not. */
export interface CommonSettings {
  readonly minimumpriority: Priority | undefined;
  readonly mutualtls: boolean;
  readonly checkcert: boolean;
  readonly maxconcurrentrequests: number;
  readonly customheaders: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly maxage: number;
  readonly orderby: string;
}

/** The common keys that a sink has. Its own keys win where they have the same name. */
export function commonKeysOf(sink: Sink): Keys {
  const isHttp = sink.kind === 'http';
  return {
    ...(sink.hasMinimumPriority === false ? {} : priorityKeys),
    ...(isHttp || sink.hasTls === true ? tlsKeys : {}),
    ...(isHttp || sink.hasConcurrency === true ? concurrencyKeys : {}),
    ...(isHttp ? headerKeys : {}),
    ...patienceKeys,
  };
}

const all = schema({ ...priorityKeys, ...tlsKeys, ...concurrencyKeys, ...headerKeys, ...patienceKeys });

/** What holds for a key that the sink has not. */
export function commonSettings(sink: Sink, found: Readonly<Record<string, unknown>>): CommonSettings {
  const own: Infer<typeof all> | undefined = all.fallback?.value;
  if (own === undefined) throw new Error('every common key has a default');
  // `found` was read with the schemas of `commonKeysOf`, which are those of `all`. A key of the same name that the sink
  // has for itself alone is its own affair.
  const common = commonKeysOf(sink);
  const read = Object.fromEntries(Object.entries(found).filter(([name]) => Object.hasOwn(common, name)));
  return { ...own, ...(read as Partial<Infer<typeof all>>) };
}
