/** Which page is open and with what, as the part of the address after `#/`: `#/performance?window=30d`. */

export interface Place {
  path: string;
  fields: URLSearchParams;
}

/** Read a place from the part of an address after `#`; what names no page, an element for example, is the first page. */
export function placeOf(hash: string): Place {
  const found = /^#(\/[a-z]*)(?:\?(.*))?$/.exec(hash);
  return { path: found?.[1] ?? '/', fields: new URLSearchParams(found?.[2] ?? '') };
}

/** The one-time code of an address, `#login=CODE` or `#confirm=CODE`; null where there is none. */
export function codeIn(hash: string, kind: 'login' | 'confirm'): string | null {
  const prefix = `#${kind}=`;
  if (!hash.startsWith(prefix) || hash.length === prefix.length) return null;
  const code = hash.slice(prefix.length);
  try {
    return decodeURIComponent(code);
  } catch {
    // It was never put into an address: it is taken as it is.
    return code;
  }
}

/** The part of an address for a place. Fields that are empty are left out. */
export function addressOf(path: string, fields: Iterable<readonly [string, string]> = []): string {
  const kept = new URLSearchParams([...fields].filter(([, value]) => value !== '').map(([name, value]) => [name, value]));
  return `#${path}${kept.size > 0 ? `?${kept.toString()}` : ''}`;
}
