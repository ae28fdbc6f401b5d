/** What is different between two texts of rules: side by side where there is room, else one below the other. */

import './rules-file.css';
import { yaml } from '@codemirror/lang-yaml';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { editorTheme } from './theme.ts';

/** Two columns of code need so much. */
const WIDE_PX = 900;
const collapseUnchanged = { margin: 3, minSize: 8 };

export interface DiffViewProps {
  readonly before: string;
  readonly after: string;
  readonly beforeTitle: string;
  readonly afterTitle: string;
}

export function DiffView({ before, after, beforeTitle, afterTitle }: DiffViewProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return undefined;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    root.replaceChildren();
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
        collapseUnchanged,
      });
      return () => view.destroy();
    }
    const merge = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged });
    const view = new EditorView({
      doc: after,
      extensions: [...extensions(`From ${beforeTitle} to ${afterTitle}`), merge],
      parent: root,
      root,
    });
    return () => view.destroy();
  }, [before, after, beforeTitle, afterTitle]);
  return <div class="diff-host" ref={host} />;
}
