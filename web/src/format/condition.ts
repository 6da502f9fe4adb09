/** What an alert's rule compares with, read from the query when it ends in a comparison with a number. */
export interface Condition {
  expr: string;
  operator: string;
  limit: number;
}

const SIGNS: Record<string, string> = { '>': 'above', '>=': 'at least', '<': 'below', '<=': 'at most', '==': 'exactly', '!=': 'other than' };

/** The last comparison of a query, or null: `avg_over_time(cpu_usage[5m]) > 95` compares with 95. */
export function conditionOf(query: string): Condition | null {
  const found = /^([^]*?)\s*(>=|<=|==|!=|>|<)\s*(?:bool\s+)?([+-]?\d[\d.]*(?:e[+-]?\d+)?)\s*$/i.exec(query.trim());
  if (found === null) return null;
  const [, expr = '', operator = '', number = ''] = found;
  // A comparison inside an `and` or `or` is only half of the condition.
  if (/\b(and|or|unless)\b/i.test(expr)) return null;
  return { expr, operator, limit: Number(number) };
}

/** `above 95`. */
export function phrase(condition: Condition, limit: string): string {
  return `${SIGNS[condition.operator] ?? condition.operator} ${limit}`;
}
