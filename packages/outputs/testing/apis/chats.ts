/** Interfaces of chats, as strict as their documentation. */

import { type JsonObject, objectIn } from '@peregrine/base';
import { type Complaints, objectsIn, strictApi } from './strict-body.ts';

/** Webhooks of Discord. */
export const discordApi = strictApi({
  accepted: 204,
  look: (body, complaints) => {
    complaints.keys(body, 'the message', [
      'content',
      'username',
      'avatar_url',
      'tts',
      'embeds',
      'allowed_mentions',
    ]);
    complaints.text(body.content, 'content', { most: 2_000 });
    const embeds = objectsIn(body.embeds);
    complaints.expect(embeds.length > 0 && embeds.length <= 10, 'embeds');
    let size = 0;
    for (const embed of embeds) {
      complaints.keys(embed, 'an embed', [
        'title',
        'url',
        'description',
        'color',
        'fields',
        'footer',
        'timestamp',
      ]);
      complaints.text(embed.title, 'title', { most: 256 });
      complaints.text(embed.description, 'description', { most: 4_096 });
      complaints.expect(/^\d+$/.test(String(embed.color)) && Number(embed.color) <= 0xffffff, 'color');
      const fields = objectsIn(embed.fields);
      complaints.expect(fields.length <= 25, `${fields.length} fields`);
      size += String(embed.title).length + String(embed.description).length;
      for (const { name, value, inline } of fields) {
        complaints.text(name, 'name', { least: 1, most: 256 });
        complaints.text(value, 'value', { least: 1, most: 1_024 });
        complaints.expect(typeof inline === 'boolean', 'inline');
        size += String(name).length + String(value).length;
      }
    }
    complaints.expect(size <= 6_000, `${size} characters in all`);
  },
});

/** `sendMessage` of Telegram, with MarkdownV2. */
export const telegramApi = strictApi({
  accepted: 200,
  look: (body, complaints, { path }) => {
    complaints.expect(/^\/bot\d+:[\w-]+\/sendMessage$/.test(path), `path ${path}`);
    complaints.expect(/^-?\d+$|^@\w+$/.test(String(body.chat_id)), 'chat_id');
    complaints.expect(body.parse_mode === 'MarkdownV2', 'parse_mode');
    const shown = shownMarkdown(String(body.text), complaints);
    complaints.expect(shown.length > 0 && shown.length <= 4_096, `${shown.length} characters`);
  },
});

function shownMarkdown(text: string, complaints: Complaints): string {
  let shown = '';
  let isBold = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\' && isEscapable(text.charCodeAt(i + 1))) shown += text.charAt(++i);
    else if (char === '*') isBold = !isBold;
    else {
      complaints.expect(!/[_[\]()~`>#+\-=|{}.!]/.test(char), `\`${char}\` at ${i} is reserved`);
      shown += char;
    }
  }
  complaints.expect(!isBold, 'a bold text has no end');
  return shown;
}

function isEscapable(code: number): boolean {
  return code >= 1 && code <= 126;
}

/** Connectors of Teams. */
export const connectorApi = strictApi({
  accepted: 200,
  mostBytes: 28_000,
  look: (body, complaints) => {
    complaints.keys(body, 'the card', [
      '@type',
      '@context',
      'summary',
      'themeColor',
      'title',
      'text',
      'sections',
    ]);
    complaints.expect(body['@type'] === 'MessageCard', '@type');
    complaints.text(body.summary, 'summary', { least: 1 });
    complaints.expect(/^[0-9a-f]{6}$/.test(String(body.themeColor)), 'themeColor');
    for (const section of objectsIn(body.sections)) {
      complaints.keys(section, 'a section', [
        'activityTitle',
        'activitySubtitle',
        'activityImage',
        'text',
        'facts',
      ]);
      for (const { name, value } of objectsIn(section.facts)) {
        complaints.text(name, 'name', {});
        complaints.text(value, 'value', {});
      }
    }
  },
});

/** Workflows of Teams, and the Adaptive Cards that they post. */
export const workflowApi = strictApi({
  accepted: 202,
  mostBytes: 28_000,
  look: (body, complaints) => {
    complaints.expect(body.type === 'message', 'type');
    const [attachment, ...others] = objectsIn(body.attachments);
    complaints.expect(attachment !== undefined && others.length === 0, 'attachments');
    complaints.expect(attachment?.contentType === 'application/vnd.microsoft.card.adaptive', 'contentType');
    const card = objectIn(attachment?.content) ?? {};
    complaints.expect(card.type === 'AdaptiveCard', 'type of the card');
    complaints.expect(/^1\.[0-5]$/.test(String(card.version)), 'version');
    for (const element of objectsIn(card.body)) lookAtElement(element, complaints);
  },
});

/** Keys of the elements that cards have, and where elements stand in them. */
const elements: Readonly<Record<string, { readonly keys: readonly string[]; readonly within?: string }>> = {
  Container: { keys: ['style', 'bleed', 'items', 'spacing'], within: 'items' },
  ColumnSet: { keys: ['columns', 'spacing'], within: 'columns' },
  Column: { keys: ['width', 'items'], within: 'items' },
  Image: { keys: ['url', 'size', 'altText'] },
  RichTextBlock: { keys: ['inlines', 'spacing'], within: 'inlines' },
  TextRun: { keys: ['text', 'weight', 'size', 'isSubtle'] },
};

function lookAtElement(element: JsonObject, complaints: Complaints): void {
  const of = elements[String(element.type)];
  complaints.expect(of !== undefined, `an element \`${String(element.type)}\``);
  if (of === undefined) return;
  complaints.keys(element, String(element.type), ['type', ...of.keys]);
  if (element.type === 'TextRun') complaints.text(element.text, 'text', {});
  if (element.type === 'Image') complaints.expect(URL.canParse(String(element.url)), 'url');
  if (element.style !== undefined) {
    complaints.word(element.style, 'style', [
      'default',
      'emphasis',
      'accent',
      'good',
      'attention',
      'warning',
    ]);
  }
  if (of.within === undefined) return;
  const inner = objectsIn(element[of.within]);
  complaints.expect(inner.length > 0, `${String(element.type)} is empty`);
  for (const child of inner) lookAtElement(child, complaints);
}

/** Webhooks of Google Chat, with cards of the first version. */
export const googlechatApi = strictApi({
  accepted: 200,
  mostBytes: 32_000,
  look: (body, complaints) => {
    complaints.keys(body, 'the message', ['text', 'cards']);
    complaints.expect(body.text !== undefined || body.cards !== undefined, 'the message is empty');
    if (body.text !== undefined) complaints.text(body.text, 'text', { least: 1, most: 4_096 });
    for (const card of objectsIn(body.cards)) {
      const widgets = objectsIn(card.sections).flatMap(({ widgets }) => objectsIn(widgets));
      complaints.expect(widgets.length > 0 && widgets.length <= 100, `${widgets.length} widgets`);
      for (const { keyValue } of widgets) {
        complaints.text(objectIn(keyValue)?.topLabel, 'topLabel', { least: 1 });
        complaints.text(objectIn(keyValue)?.content, 'content', { least: 1 });
      }
    }
  },
});

/** Incoming webhooks of Webex. */
export const webexApi = strictApi({
  accepted: 204,
  look: (body, complaints) => {
    complaints.keys(body, 'the message', ['markdown', 'text']);
    complaints.text(body.markdown, 'markdown', { least: 1 });
    complaints.expect(Buffer.byteLength(String(body.markdown)) <= 7_439, 'markdown is too long');
  },
});

/** Incoming webhooks of Slack. */
export const slackApi = strictApi({
  accepted: 200,
  look: (body, complaints) => {
    if (body.text !== undefined) complaints.text(body.text, 'text', { least: 1, most: 40_000 });
    const attachments = objectsIn(body.attachments);
    complaints.expect(attachments.length > 0 && attachments.length <= 100, 'attachments');
    for (const attachment of attachments) {
      complaints.text(attachment.fallback, 'fallback', {});
      complaints.expect(/^#[0-9a-f]{6}$/.test(String(attachment.color)), 'color');
      for (const { title, value, short } of objectsIn(attachment.fields)) {
        complaints.text(title, 'title', {});
        complaints.text(value, 'value', {});
        complaints.expect(typeof short === 'boolean', 'short');
      }
    }
  },
});
