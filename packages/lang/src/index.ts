export type {
  ArgumentSpec,
  BoundField,
  Catalogue,
  FieldInfo,
  Quantifier,
  Reader,
  Resolution,
  Scope,
  Source,
} from './catalogue.ts';
export type { IpAddress, PrintFormat, Scalar, Value, ValueType } from './value.ts';
