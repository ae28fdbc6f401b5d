/**
 * Markup that destinations find in texts, made harmless in what an alert says: nobody is called by a mention, no address
 * hides behind a word, and what looks like markup is shown as it is.
 */

/** Takes no room, and keeps apart what would have a meaning together. */
export const GAP = '\u200b';

/** The text, or one that is not empty but looks so, for destinations that refuse a blank one. */
export function notBlank(text: string): string {
  return text.trim() === '' ? GAP : text;
}

/** A backslash before what Markdown reads within a line. `<` is left to others: destinations differ in it. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_~[\]|#]/g, '\\$&');
}

/** Entities, for what is read as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Tags, mentions and addresses in angle brackets, where a destination knows no escape for them. */
export function parted(text: string): string {
  return text.replace(/<(?=[^\s<])/g, `<${GAP}`);
}

/** Names that stand for everybody. */
export function withoutMentions(text: string): string {
  return text.replace(/@(?=all|channel|everyone|here|participants|room)/gi, `@${GAP}`);
}

/** For places where markup is not read, but what calls people is. */
export function asPlainText(text: string): string {
  return withoutMentions(parted(text));
}

/** `[a word](address)`, where a destination knows no escape for it. */
export function withoutLinks(text: string): string {
  return text.replace(/\](?=[([])/g, `]${GAP}`);
}
