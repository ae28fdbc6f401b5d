/** The page about the API that the server has itself: one document without scripts, so that nothing has to be allowed for it. */

import { type ApiEntry, apiEntries, apiIntroduction } from './api-reference.ts';
import { html } from './html-text.ts';

export const API_STYLE_PATH = 'docs/style.css';

export const apiStyle = `:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
h3 { margin: 2rem 0 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.25rem 0.5rem; border: 1px solid; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
.access { margin: 0; font-style: italic; }
`;

export function apiPage(version: string): string {
  const entries = apiEntries();
  const tags = [...new Set(entries.map(({ tag }) => tag))];
  const links = tags.map((tag) => `<li><a href="#${html(tag)}">${html(tag)}</a></li>`).join('');
  const sections = tags.map(
    (tag) =>
      `<section><h2 id="${html(tag)}">${html(tag)}</h2>${entries
        .filter((entry) => entry.tag === tag)
        .map(operation)
        .join('')}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>API of Peregrine</title>
<link rel="stylesheet" href="/api/v2/${API_STYLE_PATH}">
</head>
<body>
<header><h1>API of Peregrine ${html(version)}</h1></header>
<main>
<p>For programs, the same is at <a href="/api/v2/openapi.json"><code>/api/v2/openapi.json</code></a>.</p>
${apiIntroduction.map((paragraph) => `<p>${text(paragraph)}</p>`).join('\n')}
<nav aria-label="Parts"><ul>${links}</ul></nav>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function operation({ method, path, summary, access, inputs, answer, failures }: ApiEntry): string {
  const rows = inputs.map(
    ({ name, place, type, isRequired, doc }) =>
      `<tr><td><code>${html(name)}</code></td><td>${place}${isRequired ? ', needed' : ''}</td><td><code>${html(type)}</code></td><td>${text(doc)}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr><th scope="col">name</th><th scope="col">where</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const refusals = failures.map(({ status, text: why }) => `<p><code>${status}</code>: ${text(why)}</p>`);
  return `<article><h3><code>${method} ${html(path)}</code></h3><p>${text(summary)}</p><p class="access">${html(access)}</p>${table}<p>Answer: <code>${html(answer)}</code></p>${refusals.join('')}</article>`;
}

/** With what stands in backticks as code. */
function text(plain: string): string {
  return html(plain).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
