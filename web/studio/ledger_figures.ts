// The figures of a ledger as the desk shows them. Pure.
import type { Ledger } from './api.ts';

export const columns = ['received', 'counted', 'changed', 'replayed', 'withdrawn', 'late', 'limited', 'refused'] as const;
export type Figure = (typeof columns)[number];

// What was refused for neither of the two reasons that a host asks about is one figure.
export function figuresOf({ received, counted, changed, replayed, withdrawn, rejected }: Ledger): Record<Figure, number> {
  const { late = 0, limited = 0, ...others } = rejected;
  const refused = Object.values(others).reduce((sum, count) => sum + count, 0);
  return { received, counted, changed, replayed, withdrawn, late, limited, refused };
}

export const sumOf = (ledgers: Ledger[], name: Figure): number => ledgers.reduce((sum, ledger) => sum + figuresOf(ledger)[name], 0);
