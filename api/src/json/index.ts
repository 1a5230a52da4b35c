/** JSON without loss: parsing, and the text of the values of Connect's types, as Kafka Connect writes and reads them. */
export { listDecoder, textMapDecoder } from './containers.ts';
export { Fraction, hasDoubtfulKeys, JsonSyntaxError, MAX_DEPTH, parseExactJson, parseJson } from './exact-json.ts';
export { at, below } from './path.ts';
export { quote } from './quote.ts';
export {
  compileScalarDecoder,
  type Decode,
  type DecodeMisfit,
  decodeMisfit,
  hasDecimals,
  isObjectNode,
  NEEDS_EXACT,
  nodeField,
  nodeType,
} from './scalar-decode.ts';
export {
  base64,
  compileScalarEncoder,
  type DecimalFormat,
  type Encode,
  type EncodeMisfit,
  encodeMisfit,
} from './scalar-encode.ts';
