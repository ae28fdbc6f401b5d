/** The editor of rules files: CodeMirror, in a shadow tree, so that its styles are adopted and no policy has to be laxer. */

import { autocompletion, type Completion, type CompletionResult } from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { hoverTooltip, type Tooltip } from '@codemirror/view';
import type { LanguageFacts } from '@peregrine/api/contract';
import { basicSetup, EditorView } from 'codemirror';
import type { CheckAnswer } from '../../language/messages.ts';
import { conditionColours, setVocabulary } from './condition-colours.ts';
import { explanationOf, noNames, type Option, optionsAt } from './options.ts';
import { editorTheme } from './theme.ts';

/** What is wrong, where: lines and columns from 1. */
export interface EditorFinding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
}

export interface RulesEditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly isEditable: boolean;
  readonly facts: LanguageFacts;
  readonly onChange: (text: string) => void;
  /** Line of the caret, from 1. */
  readonly onLine: (line: number) => void;
}

export class RulesEditor {
  readonly #view: EditorView;
  readonly #options: RulesEditorOptions;
  #names: Pick<CheckAnswer, 'macros' | 'lists'> = noNames;

  constructor(options: RulesEditorOptions) {
    this.#options = options;
    const { parent } = options;
    const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
    root.replaceChildren();
    this.#view = new EditorView({ root, parent: root, state: this.#stateOf(options.text) });
  }

  get text(): string {
    return this.#view.state.sliceDoc();
  }

  /** Another text in place of this one, which cannot be undone. */
  replace(text: string): void {
    this.#view.setState(this.#stateOf(text));
    this.#showVocabulary();
  }

  /** Line and column from 1. */
  goTo(line: number, column = 1): void {
    const { doc } = this.#view.state;
    const { from, length } = doc.line(Math.min(Math.max(1, line), doc.lines));
    const anchor = from + Math.min(length, column - 1);
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
    });
    this.#view.focus();
  }

  /** Puts an entry behind all others, and the caret on the line after its first. */
  append(entry: string): void {
    const { doc } = this.#view.state;
    const gap = doc.length === 0 ? '' : doc.line(doc.lines).length > 0 ? '\n\n' : '\n';
    const from = doc.length + gap.length;
    this.#view.dispatch({ changes: { from: doc.length, insert: gap + entry } });
    this.goTo(this.#view.state.doc.lineAt(from).number + 1);
  }

  showFindings(findings: readonly EditorFinding[]): void {
    const { state } = this.#view;
    const diagnostics = findings.flatMap((finding) => diagnosticIn(state, finding));
    this.#view.dispatch(setDiagnostics(state, diagnostics));
  }

  showNames(names: Pick<CheckAnswer, 'macros' | 'lists'>): void {
    this.#names = names;
    this.#showVocabulary();
  }

  close(): void {
    this.#view.destroy();
  }

  #showVocabulary(): void {
    const { sources, operators } = this.#options.facts;
    const { macros, lists } = this.#names;
    const vocabulary = {
      operators: new Set(operators.map(({ symbol }) => symbol)),
      fields: new Set(sources.flatMap(({ fields }) => fields.map(({ name }) => name))),
      names: new Set([...macros, ...lists].map(({ name }) => name)),
    };
    this.#view.dispatch({ effects: setVocabulary.of(vocabulary) });
  }

  #stateOf(text: string): EditorState {
    const { isEditable, label, onChange, onLine } = this.#options;
    return EditorState.create({
      doc: text,
      extensions: [
        ...(text.includes('\r\n') ? [EditorState.lineSeparator.of('\r\n')] : []),
        EditorState.readOnly.of(!isEditable),
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-readonly': String(!isEditable),
          tabindex: '0',
          spellcheck: 'false',
        }),
        editorTheme,
        yaml(),
        conditionColours,
        Prec.high(
          autocompletion({
            override: [(context) => this.#complete(context.state, context.pos, context.explicit)],
          }),
        ),
        hoverTooltip((view, pos) => this.#explain(view.state, pos)),
        lintGutter(),
        basicSetup,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.sliceDoc());
          if (update.docChanged || update.selectionSet)
            onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
        }),
      ],
    });
  }

  #complete({ doc }: EditorState, pos: number, isAsked: boolean): CompletionResult | null {
    const { from, number } = doc.lineAt(pos);
    const found = optionsAt(
      (line) => doc.line(line).text,
      number,
      pos - from,
      this.#options.facts,
      this.#names,
    );
    if (found === undefined) return null;
    const start = from + found.from;
    if (start === pos && !isAsked && pos === from) return null;
    return { from: start, options: found.options.map(completionOf), validFor: /^[\w.-]*$/ };
  }

  #explain({ doc }: EditorState, pos: number): Tooltip | null {
    const { from, text } = doc.lineAt(pos);
    const at = pos - from;
    const start = at - (/[\w.[\]-]*$/.exec(text.slice(0, at))?.[0].length ?? 0);
    const end = at + (/^[\w.[\]-]*/.exec(text.slice(at))?.[0].length ?? 0);
    const found = explanationOf(text.slice(start, end), this.#options.facts, this.#names);
    if (found === undefined) return null;
    return {
      pos: from + start,
      end: from + end,
      above: true,
      create: () => ({ dom: explanationNode(found) }),
    };
  }
}

function completionOf({ label, detail, doc, kind, text }: Option): Completion {
  const types = { key: 'property', field: 'variable', operator: 'keyword', transformer: 'function' } as const;
  return {
    label,
    detail,
    type:
      kind in types
        ? types[kind as keyof typeof types]
        : kind === 'macro' || kind === 'list'
          ? 'constant'
          : 'text',
    ...(doc === '' ? {} : { info: doc }),
    ...(text === undefined ? {} : { apply: text }),
  };
}

function explanationNode({ label, detail, doc }: Option): HTMLElement {
  const node = document.createElement('div');
  node.className = 'cm-explanation';
  const name = document.createElement('strong');
  name.textContent = label;
  node.append(name, ` ${detail}\n${doc}`);
  return node;
}

/** What cannot be placed is in the list under the editor only. */
function diagnosticIn({ doc }: EditorState, finding: EditorFinding): readonly Diagnostic[] {
  const { severity, message, hint, line, column = 1, endLine = line, endColumn = column } = finding;
  if (line === undefined || endLine === undefined || line > doc.lines) return [];
  const offsetOf = (lineNumber: number, columnNumber: number): number => {
    const { from, length } = doc.line(Math.min(lineNumber, doc.lines));
    return from + Math.min(length, Math.max(0, columnNumber - 1));
  };
  const from = offsetOf(line, column);
  // Of what is long, the first line is enough.
  const to = endLine > line ? doc.line(line).to : offsetOf(endLine, endColumn);
  return [
    { from, to: Math.max(from, to), severity, message: hint === undefined ? message : `${message}\n${hint}` },
  ];
}
