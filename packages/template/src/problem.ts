/** Why a template cannot be used. Thrown within this package only, and a value outside of it. */
export class TemplateProblem extends Error {
  /** Where in the template's text, UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'TemplateProblem';
    this.offset = offset;
  }
}
