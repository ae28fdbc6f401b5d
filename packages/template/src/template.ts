/** Templates that users write: compiled once, with everything that is wrong told then; run for each alert. */

import { optional, parsedText, type ValueSchema } from '@peregrine/base';
import { evaluate } from './evaluate.ts';
import { parseTemplate } from './parse.ts';
import { TemplateProblem } from './problem.ts';
import type { TemplateValue } from './value.ts';

export interface Template {
  readonly text: string;
  /** `undefined` where the template does not fit the data: a list asked for a key, `index` of nothing. */
  render(data: TemplateValue): string | undefined;
  /** The same, with the reason. */
  evaluate(data: TemplateValue): { readonly text: string } | { readonly why: string };
}

/** The template, or what is wrong with it and where. */
export function compileTemplate(text: string): Template | { readonly why: string; readonly offset: number } {
  try {
    const nodes = parseTemplate(text);
    const run = (data: TemplateValue): { readonly text: string } | { readonly why: string } => {
      try {
        return { text: evaluate(nodes, data) };
      } catch (error) {
        if (error instanceof TemplateProblem) return { why: error.message };
        throw error;
      }
    };
    return {
      text,
      evaluate: run,
      render: (data) => {
        const result = run(data);
        return 'text' in result ? result.text : undefined;
      },
    };
  } catch (error) {
    if (error instanceof TemplateProblem) return { why: error.message, offset: error.offset };
    throw error;
  }
}

/** A configuration key that holds a template; absent or empty, there is none. */
export function template(options: {
  readonly doc: string;
  readonly example?: string;
}): ValueSchema<Template | undefined> {
  const whole = parsedText<Template | undefined>({ ...options, type: 'template' }, (text) => {
    if (text === '') return { value: undefined };
    const compiled = compileTemplate(text);
    return 'why' in compiled
      ? { why: `${compiled.why}, at character ${compiled.offset + 1}` }
      : { value: compiled };
  });
  return optional(whole);
}
