/** Messages to a channel of Rocket.Chat, through an incoming webhook. */

import { schema, text, url } from '@peregrine/base';
import { template } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import { FOOTER, hostnameField, LOGO, outputFormat, tagsField, USERNAME } from './parts/chat.ts';
import { asPlainText, parted, withoutLinks, withoutMentions } from './parts/markup.ts';
import { slackAttachment, slackText } from './parts/slack-message.ts';

/** Longest message that Rocket.Chat takes unless an administrator changed it. */
const MOST_TEXT = 5_000;

export const rocketchat = defineHttpSink({
  name: 'rocketchat',
  title: 'Rocketchat',
  category: 'chat',
  doc: 'Sends each alert as a message to a channel of Rocket.Chat.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the incoming webhook; whoever has it can post.',
      example: 'https://chat.example.org/hooks/XXXX/YYYY',
    }),
    username: text({ default: USERNAME, doc: 'Name that the message comes from.' }),
    icon: text({ default: LOGO, doc: 'Address of the picture beside the message.' }),
    footer: text({ default: FOOTER, doc: 'Has no effect: messages of Rocket.Chat have no footer.' }),
    outputformat: outputFormat('fields'),
    messageformat: template({
      doc: 'Text above the alert.',
      example: 'rule *{{ .Rule }}* by user *{{ index .OutputFields "user.name" }}*',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    json: {
      text: slackText(alert, config, escapeRocketchat, MOST_TEXT),
      username: config.username,
      icon_url: config.icon || undefined,
      attachments: [
        slackAttachment(alert, config, {
          before: [
            { title: 'rule', value: alert.rule },
            { title: 'priority', value: alert.priority },
            { title: 'source', value: alert.source },
            ...tagsField(alert),
          ],
          after: hostnameField(alert),
          escapeFallback: asPlainText,
          escapeText: escapeRocketchat,
        }),
      ],
    },
  }),
});

/** Its Markdown has escapes for styles, and none for links and mentions. */
function escapeRocketchat(text: string): string {
  return withoutMentions(withoutLinks(parted(text.replace(/[*_~`#]/g, '\\$&'))));
}
