import type { VirtualTable } from './bound.ts';
import type { Catalog, View } from './view-parts.ts';
import { INFORMATION_VIEWS } from './views-information.ts';
import { SYS_VIEWS } from './views-sys.ts';

const VIEWS: Record<string, View> = { ...INFORMATION_VIEWS, ...SYS_VIEWS };

/** The view of that name; undefined if it is none. */
export function viewOf(schema: string, name: string, catalog: Catalog): VirtualTable | undefined {
  const view = VIEWS[`${schema}.${name}`.toLowerCase()];
  return view && { virtual: true, columns: view.columns, rows: () => view.rows(catalog) };
}
