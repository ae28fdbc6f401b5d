/** Messages to a channel of Mattermost, through an incoming webhook. */

import { schema, text, url } from '@peregrine/base';
import { template } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import { FOOTER, hostnameField, LOGO, outputFormat, tagsField, USERNAME } from './parts/chat.ts';
import { asPlainText, escapeMarkdown, parted, withoutMentions } from './parts/markup.ts';
import { slackAttachment, slackText } from './parts/slack-message.ts';

/** Longest message that Mattermost keeps in one piece, code points. */
const MOST_TEXT = 16_383;

export const mattermost = defineHttpSink({
  name: 'mattermost',
  title: 'Mattermost',
  category: 'chat',
  doc: 'Sends each alert as a message to a channel of Mattermost.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the incoming webhook; whoever has it can post.',
      example: 'https://mattermost.example.org/hooks/XXXX',
    }),
    username: text({ default: USERNAME, doc: 'Name that the message comes from.' }),
    icon: text({ default: LOGO, doc: 'Address of the picture beside the message.' }),
    footer: text({ default: FOOTER, doc: 'Text below the fields; empty, there is none.' }),
    outputformat: outputFormat('fields'),
    messageformat: template({
      doc: 'Text above the alert.',
      example: 'rule **{{ .Rule }}** by user **{{ index .OutputFields "user.name" }}**',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    json: {
      text: slackText(alert, config, escapeMattermost, MOST_TEXT),
      username: config.username,
      icon_url: config.icon || undefined,
      attachments: [
        slackAttachment(alert, config, {
          before: [
            { title: 'rule', value: alert.rule },
            ...hostnameField(alert),
            { title: 'priority', value: alert.priority },
            { title: 'source', value: alert.source },
            ...tagsField(alert),
          ],
          footer: { footer: config.footer || undefined },
          escapeFallback: asPlainText,
          escapeText: escapeMattermost,
        }),
      ],
    },
  }),
});

/** It reads Slack's `<!channel>` and `<address|word>` as well, before anything else, and knows no escape for them. */
function escapeMattermost(text: string): string {
  return withoutMentions(parted(escapeMarkdown(text)));
}
