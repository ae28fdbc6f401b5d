/** What is different between two texts of rules: side by side where there is room, else one below the other. */

import './rules-file.css';
import { yaml } from '@codemirror/lang-yaml';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { editorTheme } from './theme.ts';

/** Two columns of code need so much. */
const WIDE_PX = 900;
/** Of lines without a change, these stay beside one. */
const folding = { margin: 3, minSize: 8 };

export interface DiffViewProps {
  readonly before: string;
  readonly after: string;
  readonly beforeTitle: string;
  readonly afterTitle: string;
}

export function DiffView({ before, after, beforeTitle, afterTitle }: DiffViewProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    if (host.current === null) return undefined;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    root.replaceChildren();
    const collapsed = isWhole ? {} : { collapseUnchanged: folding };
    const extensions = (label: string): readonly Extension[] => [
      editorTheme,
      yaml(),
      lineNumbers(),
      EditorView.lineWrapping,
      EditorState.readOnly.of(true),
      EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
    ];
    if (host.current.clientWidth >= WIDE_PX) {
      const view = new MergeView({
        a: { doc: before, extensions: extensions(beforeTitle) },
        b: { doc: after, extensions: extensions(afterTitle) },
        parent: root,
        root,
        ...collapsed,
      });
      return () => view.destroy();
    }
    const merge = unifiedMergeView({ original: before, mergeControls: false, ...collapsed });
    const view = new EditorView({
      doc: after,
      extensions: [...extensions(`From ${beforeTitle} to ${afterTitle}`), merge],
      parent: root,
      root,
    });
    return () => view.destroy();
  }, [before, after, beforeTitle, afterTitle, isWhole]);
  return (
    <>
      <p>
        <button
          type="button"
          class="button is-small"
          aria-pressed={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          Show all lines
        </button>
      </p>
      <div class="diff-host" ref={host} />
    </>
  );
}
