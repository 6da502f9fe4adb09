/** Spans of time in the two largest units that matter: `42 s`, `12 m 40 s`, `3 h 05 m`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'n/a';
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} m ${pad(seconds % 60)} s`;
  if (days === 0) return `${hours} h ${pad(minutes % 60)} m`;
  return `${days} d ${hours % 24} h`;
}

/** One unit only, for what is long ago: `42 s`, `12 m`, `3 h`, `3 d`. */
export function roughly(milliseconds: number): string {
  return duration(milliseconds).split(' ').slice(0, 2).join(' ');
}

/** A long stretch, in days once there are some: `1,451 d`, `3 h 05 m`. */
export function days(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 86_400_000);
  return whole < 3 ? duration(milliseconds) : `${whole.toLocaleString('en-US')} d`;
}

/** The span of a range as its button names it: `5 m`, `1 h`, `7 d`. */
export function span(milliseconds: number): string {
  for (const [size, unit] of [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'm']] as const) {
    if (milliseconds % size === 0) return `${milliseconds / size} ${unit}`;
  }
  return duration(milliseconds);
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
