/**
 * Messages for Teams: the card of connectors, and the Adaptive Card that workflows post. Both at most as large as Teams
 * takes them.
 */

import { type Encodable, goTime, type HubAlert, type Priority } from '@peregrine/alert';
import {
  fieldsWithin,
  fitted,
  headlineOf,
  hostnameField,
  rampColors,
  type ShownField,
  shortened,
  tagsField,
  textFieldsOf,
} from './chat.ts';
import { escapeHtml, escapeMarkdown } from './markup.ts';
import { withinSize } from './within-size.ts';

export interface TeamsFormat {
  readonly outputformat: 'all' | 'text' | 'facts';
  readonly activityimage: string;
}

/** Teams takes 28 KB, and counts more than the text. */
const MOST_BYTES = 26_000;
const TITLE = 'Falcosidekick';

interface Limit {
  readonly text: number;
  readonly value: number;
  readonly facts: number;
}

/** UTF-16 units, and a count. */
const limits: readonly [Limit, ...Limit[]] = [
  { text: 10_000, value: 1_000, facts: 60 },
  { text: 4_000, value: 250, facts: 30 },
  { text: 1_000, value: 100, facts: 8 },
];

export function messageCard(alert: HubAlert, format: TeamsFormat): Encodable {
  return withinSize(limits, MOST_BYTES, (limit) => ({
    '@type': 'MessageCard',
    // Shown as it is, in lists and notifications.
    summary: shortened(headlineOf(alert), limit.value),
    themeColor: rampColors[alert.priority],
    sections: [
      {
        activityTitle: TITLE,
        activitySubtitle: goTime(alert.time),
        activityImage: format.activityimage || undefined,
        text: shows(format, 'text') ? fitted(alert.output, limit.text, escapeCard) : '',
        facts: shows(format, 'facts')
          ? factsOf(alert, limit).map(({ title, value }) => ({
              name: escapeCard(title),
              value: fitted(value, limit.value, escapeCard),
            }))
          : undefined,
      },
    ],
  }));
}

/** Texts are runs of rich text, in which nothing is markup. */
export function adaptiveCard(alert: HubAlert, format: TeamsFormat): Encodable {
  return withinSize(limits, MOST_BYTES, (limit) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: shortened(headlineOf(alert), limit.value),
          msteams: { width: 'Full' },
          body: [
            heading(alert, format),
            ...(shows(format, 'text') ? [line([{ text: shortened(alert.output, limit.text) }])] : []),
            ...(shows(format, 'facts')
              ? factsOf(alert, limit).map(({ title, value }) =>
                  line(
                    [{ text: `${title}: `, weight: 'Bolder' }, { text: shortened(value, limit.value) }],
                    'Small',
                  ),
                )
              : []),
          ],
        },
      },
    ],
  }));
}

/** Teams colours the background of a container; it has six colours of its own and no others. */
const styles: Readonly<Record<Priority, string>> = {
  Emergency: 'attention',
  Alert: 'attention',
  Critical: 'attention',
  Error: 'warning',
  Warning: 'warning',
  Notice: 'accent',
  Informational: 'accent',
  Debug: 'emphasis',
};

function heading(alert: HubAlert, { activityimage }: TeamsFormat): Encodable {
  const words = {
    type: 'Column',
    width: 'stretch',
    items: [
      line([{ text: TITLE, weight: 'Bolder', size: 'Medium' }]),
      line([{ text: goTime(alert.time), isSubtle: true }], 'None'),
    ],
  };
  const image = {
    type: 'Column',
    width: 'auto',
    items: [{ type: 'Image', url: activityimage, size: 'Small', altText: TITLE }],
  };
  return {
    type: 'Container',
    style: styles[alert.priority],
    bleed: true,
    items: [{ type: 'ColumnSet', columns: activityimage === '' ? [words] : [image, words] }],
  };
}

interface Run {
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly size?: 'Medium';
  readonly isSubtle?: boolean;
}

function line(runs: readonly Run[], spacing?: 'None' | 'Small'): Encodable {
  return { type: 'RichTextBlock', spacing, inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}

function factsOf(alert: HubAlert, limit: Limit): readonly ShownField[] {
  const facts = [
    { title: 'rule', value: alert.rule },
    { title: 'priority', value: alert.priority },
    { title: 'source', value: alert.source },
    ...hostnameField(alert),
    ...fieldsWithin(textFieldsOf(alert), { count: limit.facts }),
    ...tagsField(alert),
  ];
  return facts.map(({ title, value }) => ({ title: shortened(title, 100), value }));
}

function shows({ outputformat }: TeamsFormat, part: 'text' | 'facts'): boolean {
  return outputformat === 'all' || outputformat === part;
}

/** Connectors read Markdown, and HTML in it. */
function escapeCard(text: string): string {
  return escapeMarkdown(escapeHtml(text));
}
