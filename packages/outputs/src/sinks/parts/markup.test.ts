import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  asPlainText,
  escapeHtml,
  escapeMarkdown,
  GAP,
  notBlank,
  parted,
  withoutLinks,
  withoutMentions,
} from './markup.ts';

test.each([
  [escapeMarkdown, 'a_b *c* `d` [e](f) # |', 'a\\_b \\*c\\* \\`d\\` \\[e\\](f) \\# \\|'],
  [escapeMarkdown, 'C:\\_x', 'C:\\\\\\_x'],
  [escapeHtml, '<a href="x">&amp;</a>', '&lt;a href="x"&gt;&amp;amp;&lt;/a&gt;'],
  [parted, '<!channel> <@U1> a < b <', `<${GAP}!channel> <${GAP}@U1> a < b <`],
  [withoutMentions, '@all @Here user@example.org', `@${GAP}all @${GAP}Here user@example.org`],
  [withoutLinks, '[a](b) [c][d] [e]', `[a]${GAP}(b) [c]${GAP}[d] [e]`],
  [asPlainText, '<!here> @here', `<${GAP}!here> @${GAP}here`],
  [notBlank, ' \n', GAP],
  [notBlank, ' a', ' a'],
])('%o of %s', (change, text, changed) => {
  expect(change(text)).toBe(changed);
});

test('without the gaps, texts are what they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '@', 'all', ']', '(', '[', ' ', 'x') }), (text) => {
      expect(withoutLinks(asPlainText(text)).replaceAll(GAP, '')).toBe(text);
    }),
  );
});
