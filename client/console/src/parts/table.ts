// Columns, order and visible window of the console's tables; no DOM in here.

export interface TableColumn<Row> {
  key: string;
  title: string;
  /** Pixels; a column with `grow` takes what is left. */
  width: number;
  grow?: boolean;
  number?: boolean;
  /** What the rows are ordered by; none: the column cannot be ordered. */
  order?: (row: Row) => string | number | null | undefined;
  text?: (row: Row) => string;
}

export interface Order {
  key: string;
  down: boolean;
}

const WORDS = new Intl.Collator("zh-Hans-CN", { numeric: true });

/** A new list in the order asked for; empty values last, equal ones as they were. */
export function ordered<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], order: Order | null): Row[] {
  const by = order && columns.find(({ key }) => key === order.key)?.order;
  if (!by) return [...rows];
  const sign = order.down ? -1 : 1;
  return rows.map((row) => ({ row, value: by(row) }))
    .sort((a, b) => {
      const none = (value: unknown) => value === null || value === undefined || value === "";
      if (none(a.value) || none(b.value)) return Number(none(a.value)) - Number(none(b.value));
      if (typeof a.value === "number" && typeof b.value === "number") return sign * (a.value - b.value);
      return sign * WORDS.compare(String(a.value), String(b.value));
    })
    .map(({ row }) => row);
}

/** Ordered up, then down, then as it came. */
export function nextOrder(order: Order | null, key: string): Order | null {
  if (order?.key !== key) return { key, down: false };
  return order.down ? null : { key, down: true };
}

/** First and one-past-last row that a scrolled window shows, with some to spare. */
export function shownRange(scroll: number, height: number, row: number, count: number, spare = 8): [number, number] {
  const first = Math.max(0, Math.floor(scroll / row) - spare);
  return [Math.min(first, count), Math.min(count, Math.ceil((scroll + height) / row) + spare)];
}

export const template = <Row>(columns: readonly TableColumn<Row>[]): string =>
  columns.map(({ width, grow }) => (grow ? `minmax(${width}px, 1fr)` : `${width}px`)).join(" ");

export const least = <Row>(columns: readonly TableColumn<Row>[]): number => columns.reduce((sum, { width }) => sum + width, 0);
