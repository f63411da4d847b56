// The rows of a result as bars with their text on them. A bar is moved by a transform alone, so that ten updates a
// second cost no layout.
import { Icon } from './icons.tsx';
import type { Row } from './rows.ts';

export interface BarsProps {
  rows: Row[];
  columns: number;
  hidden: boolean; // the options without their counts
  value(row: Row): string;
  leading: string; // what the mark of the leader says
}

export function Bars({ rows, columns, hidden, value, leading }: BarsProps) {
  const high = Math.ceil(rows.length / columns);
  return (
    <ol class={columns > 2 ? 'bars dense' : 'bars'} style={{ gridTemplateRows: `repeat(${high}, minmax(0, var(--row)))`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {rows.map((row) => (
        <li key={row.id} class={row.leads && !hidden ? 'bar leads' : 'bar'} data-id={row.id}>
          <span class="fill" style={{ '--fill-by': hidden ? 0 : row.fill.toFixed(4) }} />
          <span class="label" dir="auto">{row.label}</span>
          {!hidden && (
            <span class="value" dir="auto">
              {row.leads && <span class="mark" role="img" aria-label={leading}><Icon sign="star" /></span>}
              {row.place !== null && <span class="place">{row.place}.</span>}
              {value(row)}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
