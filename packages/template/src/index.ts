export { templateDataOf } from './alert-data.ts';
export { compileTemplate, type Template, template } from './template.ts';
export type { TemplateValue } from './value.ts';
