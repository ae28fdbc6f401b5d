/** As words, texts and what is searched for are compared. */
export function foldText(text: string): string {
  return text.toLowerCase();
}
