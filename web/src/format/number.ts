/** Numbers as the eye reads them at night. Formatters of Intl are costly to make, so each is made once. */

const MINUS = '\u2212';
const NOT_A_NUMBER = 'n/a';
const cache = new Map<string, Intl.NumberFormat>();

function formatter(digits: number, significant: boolean): Intl.NumberFormat {
  const key = `${digits}${significant ? 's' : 'f'}`;
  let made = cache.get(key);
  if (made === undefined) {
    made = new Intl.NumberFormat(
      'en-US',
      significant
        ? { minimumSignificantDigits: digits, maximumSignificantDigits: digits }
        : { minimumFractionDigits: digits, maximumFractionDigits: digits },
    );
    cache.set(key, made);
  }
  return made;
}

function signed(value: number, text: (magnitude: number) => string): string {
  return value < 0 ? MINUS + text(-value) : text(value);
}

/** A number with its unit beside it, kept apart so that the unit can be set smaller. */
export interface Quantity {
  number: string;
  unit: string;
}

/** Fixed decimals, grouped by thousands, with a true minus sign; "n/a" for what is no finite number. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  return signed(value, (magnitude) => formatter(digits, false).format(magnitude));
}

/** Percent: one decimal, two below 1 %. */
export function percent(value: number): string {
  return fixed(value, Math.abs(value) < 1 && value !== 0 ? 2 : 1);
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in IEC units with three significant digits. */
export function bytes(value: number): Quantity {
  if (!Number.isFinite(value)) return { number: NOT_A_NUMBER, unit: '' };
  let rest = Math.abs(value);
  let power = 0;
  // 999.5 would print as 1,000: go up before it does.
  while (rest >= 999.5 && power < BINARY.length - 1) {
    rest /= 1024;
    power += 1;
  }
  const number = power === 0 ? fixed(rest, 0) : formatter(3, true).format(rest);
  return { number: value < 0 ? MINUS + number : number, unit: BINARY[power] ?? 'B' };
}

/** A latency given in seconds, as us, ms or s with three significant digits. */
export function latency(seconds: number): Quantity {
  if (!Number.isFinite(seconds)) return { number: NOT_A_NUMBER, unit: '' };
  const magnitude = Math.abs(seconds);
  const [factor, unit] = magnitude >= 0.9995 ? [1, 's'] : magnitude >= 0.0009995 ? [1e3, 'ms'] : [1e6, '\u00b5s'];
  const number = magnitude === 0 ? '0' : formatter(3, true).format(magnitude * (factor as number));
  return { number: seconds < 0 ? MINUS + number : number, unit: unit as string };
}

/** A count: whole up to 10,000, then 12.3k, 4.56M. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  return signed(value, (magnitude) => {
    if (magnitude < 10_000) return formatter(Number.isInteger(magnitude) ? 0 : 2, false).format(magnitude);
    const [factor, suffix] = magnitude < 999_500 ? [1e3, 'k'] : magnitude < 999_500_000 ? [1e6, 'M'] : [1e9, 'G'];
    return formatter(3, true).format(magnitude / (factor as number)) + (suffix as string);
  });
}

/** A value in one of the desk's units ("percent", "seconds", "ratio", "count"), in "B" or "B/s", or in any other. */
export function quantity(value: number, unit: string): Quantity {
  switch (unit) {
    case 'percent':
      return { number: percent(value), unit: '%' };
    case 'B':
      return bytes(value);
    case 'B/s': {
      const { number, unit: scaled } = bytes(value);
      return { number, unit: scaled === '' ? '' : `${scaled}/s` };
    }
    case 'seconds':
      return latency(value);
    case 'ratio':
      return { number: percent(value * 100), unit: '%' };
    case 'count':
      return { number: count(value), unit: '' };
    default:
      return { number: Math.abs(value) < 100 && !Number.isInteger(value) ? fixed(value, 2) : count(value), unit };
  }
}

/** The same on one line. A thin no-break space stands between number and unit. */
export function written(value: number, unit: string): string {
  const made = quantity(value, unit);
  return made.unit === '' ? made.number : `${made.number}\u202f${made.unit}`;
}

/** A mark of an axis: `0`, `0.0012`, `950`, `12.5k`, `1.2M`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  return signed(value, (magnitude) => axis.format(magnitude).replace('K', 'k'));
}

const axis = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });
