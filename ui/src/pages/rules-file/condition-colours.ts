/** Colours of conditions within the text of rules: what the rule language makes of the words. */

import { type EditorState, type Range, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { conditionTokens, type TokenKind, type Vocabulary } from './condition-tokens.ts';
import { sectionAt } from './sections.ts';

export const setVocabulary = StateEffect.define<Vocabulary>();

const nothing: Vocabulary = { operators: new Set(), fields: new Set(), names: new Set() };

const vocabulary = StateField.define<Vocabulary>({
  create: () => nothing,
  update: (value, { effects }) =>
    effects.reduce((last, effect) => (effect.is(setVocabulary) ? effect.value : last), value),
});

const marks = new Map<TokenKind, Decoration>(
  (['connective', 'operator', 'field', 'name', 'text', 'number'] as const).map((kind) => [
    kind,
    Decoration.mark({ class: `cm-condition-${kind}` }),
  ]),
);

class Colours {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorate(view);
  }

  update(update: ViewUpdate): void {
    const isNewVocabulary = update.startState.field(vocabulary) !== update.state.field(vocabulary);
    if (update.docChanged || update.viewportChanged || isNewVocabulary)
      this.decorations = decorate(update.view);
  }
}

function decorate({ state, visibleRanges }: EditorView): DecorationSet {
  const found: Range<Decoration>[] = [];
  for (const { from, to } of visibleRanges) {
    const last = state.doc.lineAt(to).number;
    for (let line = state.doc.lineAt(from).number; line <= last; line++) found.push(...marksOf(state, line));
  }
  return Decoration.set(found, true);
}

function marksOf(state: EditorState, number: number): readonly Range<Decoration>[] {
  const { doc } = state;
  const section = sectionAt((line) => doc.line(line).text, number);
  if (section?.key !== 'condition') return [];
  const { from, text } = doc.line(number);
  const start = number === section.keyLine ? section.valueColumn : 0;
  return conditionTokens(text.slice(start), state.field(vocabulary)).flatMap((token) => {
    const mark = marks.get(token.kind);
    return mark === undefined ? [] : [mark.range(from + start + token.from, from + start + token.to)];
  });
}

export const conditionColours = [
  vocabulary,
  ViewPlugin.fromClass(Colours, { decorations: (plugin) => plugin.decorations }),
];
