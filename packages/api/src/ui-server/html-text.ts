/** Texts in the pages that the server makes itself. */

/** As text, whatever is in it. */
export function html(plain: string): string {
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * Text of anybody: as text, its direction kept to itself, and what cannot be seen or turns the direction of writing shown
 * as a code. `mostLength`: what is longer is cut.
 */
export function foreignHtml(text: string, mostLength = 600): string {
  const cut =
    text.length > mostLength ? `${text.slice(0, mostLength).replace(/[\ud800-\udbff]$/, '')}…` : text;
  const visible = cut.replace(
    /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
  return `<bdi dir="auto">${html(visible)}</bdi>`;
}
