/** Alerts as notifications of Amazon SNS. */

import type { MessageAttributeValue, SNSClient } from '@aws-sdk/client-sns';
import { type HubAlert, isNumeric, textOfValue } from '@peregrine/alert';
import { delivered, flag, schema, text } from '@peregrine/base';
import { defineClientSink } from '../sink.ts';
import { awsDestination, awsSection, plainText } from './parts/aws.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** Of 262144 bytes for message and attributes, some are for the types and names of the attributes. */
const MOST_BYTES = 200_000;
const MOST_NAME = 256;
const FIFO = '.fifo';
const GROUP = 'falco';

export const awsSns = defineClientSink({
  name: 'aws.sns',
  title: 'AWSSNS',
  category: 'queues',
  doc: 'Publishes each alert to a topic of Amazon SNS.',
  shared: awsSection,
  config: schema({
    topicarn: text({ doc: 'ARN of the topic.', example: 'arn:aws:sns:eu-west-1:123456789012:falco' }),
    rawjson: flag({
      default: false,
      doc: 'The message is the alert as JSON; otherwise its text, with attributes for all else. Subscriptions with raw delivery take no message that has more than ten of those.',
    }),
  }),
  enabledBy: ['topicarn'],
  hasConcurrency: true,
  open: async ({ topicarn, rawjson, shared }, context) => {
    const { PublishCommand, SNSClient: Client } = await import('@aws-sdk/client-sns');
    return awsDestination<SNSClient>({
      settings: shared,
      context,
      region: /^arn:[^:]*:sns:([a-z0-9-]+):/.exec(topicarn)?.[1],
      rejects: ['InvalidParameterException', 'InvalidParameterValueException', 'InvalidParameter'],
      create: (options) => new Client(options),
      deliver: async (client, deliveries, abortSignal) => {
        for (const { alert, call } of deliveries) {
          const message = rawjson
            ? { Message: plainText(fitAlert(alert, MOST_BYTES).json) }
            : messageOf(alert);
          const order = topicarn.endsWith(FIFO)
            ? { MessageGroupId: GROUP, MessageDeduplicationId: call.deliveryId }
            : {};
          await client.send(new PublishCommand({ TopicArn: topicarn, ...message, ...order }), {
            abortSignal,
          });
        }
        return delivered;
      },
    });
  },
});

function messageOf(whole: HubAlert): {
  Message: string;
  MessageAttributes: Record<string, MessageAttributeValue>;
} {
  const alert = fitAlert(whole, MOST_BYTES);
  const texts: readonly (readonly [string, string])[] = [
    ['priority', alert.priority],
    ['rule', alert.rule],
    ['source', alert.source],
    ['tags', alert.tags.join(',')],
    ['hostname', alert.hostname],
  ];
  const attributes: Record<string, MessageAttributeValue> = {};
  // COMPAT: only texts and numbers of fields become attributes, and a field wins over what else has its name.
  for (const [name, value] of [...texts, ...Object.entries(alert.fields)]) {
    const isNumber = isNumeric(value);
    const shown = typeof value === 'string' || isNumber ? plainText(textOfValue(value)) : '';
    const key = attributeName(name);
    if (shown !== '' && key !== '')
      attributes[key] = { DataType: isNumber ? 'Number' : 'String', StringValue: shown };
  }
  return { Message: plainText(alert.output) || plainText(alert.rule), MessageAttributes: attributes };
}

/** COMPAT: `proc.aname[2]` is `proc.aname.2`; what else no name of an attribute may have becomes `_`. */
function attributeName(name: string): string {
  return name
    .replaceAll(']', '')
    .replaceAll('[', '.')
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^\.|\.$/g, '')
    .replace(/^(?=(?:aws|amazon)\.)/i, '_')
    .slice(0, MOST_NAME);
}
