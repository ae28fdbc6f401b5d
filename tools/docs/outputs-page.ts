/** Reference of the hub's outputs, from their declarations. */

import type { Keys } from '@peregrine/base';
import { type Sink, sectionSchemaOf, sinkCategories, sinkRoster } from '@peregrine/outputs/hub';
import { rowsOf } from './configuration-page.ts';
import { code, type Page, section, table } from './markdown.ts';

export function outputsPage(): Page {
  const ordered = sinkCategories.flatMap((category) =>
    sinkRoster.filter((sink) => sink.category === category),
  );
  return {
    name: 'outputs.md',
    title: 'Outputs',
    summary: 'Where the hub can send alerts, and the keys of each output.',
    body: [
      'An output is on when the keys are set that its section names. Every key is also an environment variable: the path in',
      'capitals, with `_` for dots (`slack.webhookurl` is `SLACK_WEBHOOKURL`).',
      '',
      table(
        ['output', 'category', 'what it does'],
        ordered.map((sink) => [`[${sink.title}](#${anchorOf(sink)})`, sink.category, sink.doc]),
      ),
      '',
      ...ordered.map((sink) => `${sinkSection(sink)}\n`),
    ].join('\n'),
  };
}

function sinkSection(sink: Sink): string {
  const on = sink.enabledBy.map((key) => code(`${sink.name}.${key}`));
  return section(
    sink.title,
    `${sink.doc} ${on.length === 0 ? 'It is always on.' : `On when ${on.join(' and ')} ${on.length > 1 ? 'are' : 'is'} set.`}`,
    table(
      ['key', 'type', 'default', 'meaning'],
      [...sharedRows(sink), ...rows(sectionSchemaOf(sink).keys, sink.name)],
    ),
  );
}

function sharedRows({ shared }: Sink): readonly (readonly string[])[] {
  return shared === undefined ? [] : rows(shared.config.keys, shared.name);
}

function rows(keys: Keys, name: string): readonly (readonly string[])[] {
  return rowsOf(keys, `${name}.`);
}

function anchorOf(sink: Sink): string {
  return sink.title.toLowerCase().replaceAll(' ', '-');
}
