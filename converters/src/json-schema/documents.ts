import { DataError } from '@tributary/api';
import { isObjectNode, nodeField, parseExactJson } from '@tributary/api/json';

/** Relative names are relative to this. */
const BASE = 'mem://input/';

/** A schema within its document. */
export interface Located {
  readonly node: unknown;
  /** The address that references in it are relative to. */
  readonly base: string;
}

const without = (url: URL): string => url.href.slice(0, url.href.length - url.hash.length);

/** A JSON Schema with the schemas that it refers to. */
export class Documents {
  readonly root: Located;
  readonly #byAddress = new Map<string, Located>();

  /**
   * @param references the texts of other schemas by the names that the schema calls them by
   * @throws JsonSyntaxError, DataError
   */
  constructor(text: string, references: ReadonlyMap<string, string>) {
    for (const [name, reference] of references) this.#add(parseExactJson(reference, true), resolve(name, BASE));
    const address = new URL(BASE);
    const node = parseExactJson(text, true);
    this.#add(node, address);
    this.root = { node, base: this.#idOf(node, address).href };
  }

  /** What a `$ref` means. @throws DataError if there is no such thing */
  find(reference: string, from: string): Located {
    const address = resolve(reference, from);
    const fragment = decodeURIComponent(address.hash.slice(1));
    const anchored = this.#byAddress.get(address.href);
    if (anchored) return anchored;
    let found = this.#byAddress.get(without(address));
    if (found && fragment.startsWith('/')) {
      for (const step of fragment.slice(1).split('/')) {
        const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
        const node: unknown = Array.isArray(found.node) ? found.node[Number(key)] : nodeField(found.node, key);
        found = { node, base: this.#idOf(node, new URL(found.base)).href };
      }
    } else if (fragment !== '') found = undefined;
    if (found?.node === undefined)
      throw new DataError(`The schema refers to '${reference}', which is neither in it nor among its references`);
    return found;
  }

  #idOf(node: unknown, base: URL): URL {
    const id = isObjectNode(node) ? (nodeField(node, '$id') ?? nodeField(node, 'id')) : undefined;
    return typeof id === 'string' ? resolve(id, base.href) : base;
  }

  #add(node: unknown, address: URL): void {
    this.#byAddress.set(without(address), { node, base: address.href });
    this.#index(node, address);
  }

  /** Remembers every schema that has an address of its own. */
  #index(node: unknown, base: URL): void {
    if (Array.isArray(node)) for (const item of node) this.#index(item, base);
    if (!isObjectNode(node)) return;
    const own = this.#idOf(node, base);
    if (own !== base) this.#byAddress.set(own.hash.length > 1 ? own.href : without(own), { node, base: own.href });
    const anchor = nodeField(node, '$anchor');
    if (typeof anchor === 'string') this.#byAddress.set(resolve(`#${anchor}`, own.href).href, { node, base: own.href });
    for (const child of node instanceof Map ? node.values() : Object.values(node)) this.#index(child, own);
  }
}

function resolve(reference: string, base: string): URL {
  try {
    return new URL(reference, base);
  } catch (error) {
    throw new DataError(`'${reference}' in the schema is not an address`, { cause: error });
  }
}
