/** Messages to a channel of Slack, through an incoming webhook. */

import { schema, text, url } from '@peregrine/base';
import { template } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import { FOOTER, hostnameField, LOGO, outputFormat, tagsField, USERNAME } from './parts/chat.ts';
import { slackAttachment, slackText } from './parts/slack-message.ts';

export const slack = defineHttpSink({
  name: 'slack',
  title: 'Slack',
  category: 'chat',
  doc: 'Sends each alert as a message to a channel of Slack.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the incoming webhook; whoever has it can post.',
      example: 'https://hooks.slack.com/services/T000/B000/XXXX',
    }),
    channel: text({ default: '', doc: 'Channel, where the webhook may choose.', example: '#security' }),
    username: text({ default: USERNAME, doc: 'Name that the message comes from.' }),
    icon: text({ default: LOGO, doc: 'Address of the picture beside the message.' }),
    footer: text({ default: FOOTER, doc: 'Text below the fields; empty, there is none.' }),
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
      text: slackText(alert, config),
      username: config.username,
      channel: config.channel || undefined,
      icon_url: config.icon,
      attachments: [
        slackAttachment(alert, config, {
          before: [
            { title: 'rule', value: alert.rule },
            { title: 'priority', value: alert.priority },
            { title: 'source', value: alert.source },
            ...hostnameField(alert),
            ...tagsField(alert),
          ],
          footer: { footer: config.footer || undefined, footer_icon: config.icon || undefined },
        }),
      ],
    },
  }),
});
