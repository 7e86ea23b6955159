import type { ReactNode } from 'react';
import { Paged, type PagedQuery } from './paged';

/** One column: its name, and what it shows of a row. */
export interface Column<T> {
  key: string;
  words: string;
  cell: (row: T) => ReactNode;
  /** The column that names the row. */
  heading?: boolean;
  align?: 'start' | 'end';
  /** Left out below 48 rem, where there is no room. */
  wideOnly?: boolean;
}

/** Rows and columns, for things that are compared. It scrolls sideways in itself, never the page. */
export function PlainTable<T>({ label, columns, rows, rowKey }: { label: string; columns: readonly Column<T>[]; rows: readonly T[]; rowKey: (row: T) => string | number }) {
  const place = (column: Column<T>) => `${column.align === 'end' ? 'text-right' : ''} ${column.wideOnly ? 'max-md:hidden' : ''}`;
  return (
    <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto outline-offset-[-2px]">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead className="text-xs text-muted">
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={`px-4 py-2.5 font-medium whitespace-nowrap ${place(column)}`}>
                {column.words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {rows.map((row) => (
            <tr key={rowKey(row)} className="hover:bg-sunken">
              {columns.map((column) =>
                column.heading ? (
                  <th key={column.key} scope="row" className={`px-4 py-2.5 font-medium ${place(column)}`}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} className={`tabular px-4 py-2.5 ${place(column)}`}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A table of a list that is read page by page, with its loading, error and empty faces. */
export function Table<T>({
  query,
  empty,
  ...table
}: {
  label: string;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string | number;
  query: PagedQuery<T>;
  empty: ReactNode;
}) {
  return (
    <Paged query={query} empty={empty}>
      {(rows) => (
        <div className="overflow-hidden rounded-2xl border border-line bg-surface">
          <PlainTable {...table} rows={rows} />
        </div>
      )}
    </Paged>
  );
}
