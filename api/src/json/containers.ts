import { DataError } from '../errors.ts';
import { isReorderedKey } from '../struct.ts';
import { at } from './path.ts';
import { type Decode, type DecodeMisfit, isObjectNode, NEEDS_EXACT, nodeType } from './scalar-decode.ts';

/** Reads lists whose items `decode` reads. */
export function listDecoder(decode: Decode, misfit: DecodeMisfit): Decode {
  return (node, exact) => {
    if (!Array.isArray(node)) throw misfit(node);
    return node.map((item) => decode(item, exact));
  };
}

/** Reads JSON objects as maps with text as keys, whose values `decode` reads. A Map where a plain object would misplace a key. */
export function textMapDecoder(decode: Decode, path: string): Decode {
  return (node, exact) => {
    if (!isObjectNode(node))
      throw new DataError(
        `Maps with string fields should be encoded as JSON objects, but found ${nodeType(node)}${at(path)}`,
      );
    if (node instanceof Map) return new Map([...node].map(([key, item]) => [key, decode(item, exact)]));
    const keys = Object.keys(node);
    if (!exact && keys.some((key) => key === '__proto__' || isReorderedKey(key))) throw NEEDS_EXACT;
    const result: Record<string, unknown> = {};
    for (const key of keys) result[key] = decode((node as Record<string, unknown>)[key], exact);
    return result;
  };
}
